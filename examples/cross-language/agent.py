"""The whole life of tasks over HTTP, with Python's standard library alone: task, spans, reward, patterns.

An agent answers sums, every question several times. It checks its result or it does not, and what goes with
success is learned from what it reported.

    otel-evolution serve &
    python3 agent.py [URL] [RUNS]
"""

import json
import os
import random
import secrets
import sys
import time
import urllib.request

URL = sys.argv[1] if len(sys.argv) > 1 else "http://127.0.0.1:4319"
RUNS = int(sys.argv[2]) if len(sys.argv) > 2 else 400


def call(method, path, body=None):
    """One call of the API; an HTTPError carries a problem+json document."""
    request = urllib.request.Request(URL + "/api/v1" + path, method=method)
    if body is not None:
        request.data = json.dumps(body).encode()
        request.add_header("content-type", "application/json")
    if token := os.environ.get("EVOLUTION_TOKEN"):
        request.add_header("authorization", "Bearer " + token)
    with urllib.request.urlopen(request, timeout=60) as response:
        return json.load(response)


def span(trace_id, parent, name, start, millis, attributes):
    return {
        "trace_id": trace_id,
        "span_id": secrets.token_hex(8),
        "parent_span_id": parent,
        "name": name,
        "start_time_unix_nano": str(start),
        "end_time_unix_nano": str(start + millis * 1_000_000),
        "attributes": attributes,
    }


def run(task_id, numbers, checks):
    """One run: the spans it leaves, and whether it was right."""
    trace_id, start = secrets.token_hex(16), time.time_ns()
    slips = random.random() < 0.5
    right = checks or not slips or random.random() < 0.1
    root = span(trace_id, None, "invoke_agent adder", start, 30, {
        "gen_ai.operation.name": "invoke_agent",
        "gen_ai.agent.id": "adder",
        "task.id": task_id,
        "execution.id": trace_id,
        "agent.config": json.dumps({"check": checks}),
    })
    tools = ["add"] * (len(numbers) - 1) + (["check"] if checks else [])
    steps = [
        span(trace_id, root["span_id"], "execute_tool " + tool, start + i * 5_000_000, 4, {
            "gen_ai.operation.name": "execute_tool",
            "gen_ai.tool.name": tool,
        })
        for i, tool in enumerate(tools)
    ]
    return [root, *steps], right


def main():
    random.seed(1)
    questions = [[random.randint(1, 99) for _ in range(3)] for _ in range(max(1, RUNS // 10))]
    tasks = [call("POST", "/tasks", {"type": "sum", "agent_id": "adder"})["id"] for _ in questions]
    for number in range(RUNS):
        index = number % len(tasks)
        spans, right = run(tasks[index], questions[index], checks=random.random() < 0.5)
        stored = call("POST", "/spans/batch", {"spans": spans})
        assert stored["refused"] == 0, stored
        root = spans[0]
        call("POST", "/rewards", {
            "trace_id": root["trace_id"],
            "span_id": root["span_id"],
            "value": 1 if right else 0,
            "source": "code",
            "evaluator": "arithmetic",
        })
    for task_id in tasks:
        call("PATCH", "/tasks/" + task_id, {"status": "completed"})

    print(call("POST", "/learn", {}))
    for pattern in call("GET", "/patterns")["patterns"]:
        print(f"{pattern['status']}: {pattern['explanation']['reason']}")


main()
