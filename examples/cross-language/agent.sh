#!/usr/bin/env bash
# One task's life with curl alone: task, span, reward, and what is known of it.
#   otel-evolution serve &
#   bash agent.sh [URL]
set -euo pipefail
api=${1:-http://127.0.0.1:4319}/api/v1

call() {
  curl --silent --show-error --fail-with-body --header 'content-type: application/json' \
    ${EVOLUTION_TOKEN:+--header "authorization: Bearer $EVOLUTION_TOKEN"} "$@"
  echo
}

call "$api/tasks" --data '{ "id": "ticket-17", "type": "refund", "agent_id": "support" }'

trace=$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')
span=${trace:0:16}
now=$(date +%s%N)
call "$api/tasks/ticket-17/spans" --data "{
  \"trace_id\": \"$trace\", \"span_id\": \"$span\", \"name\": \"invoke_agent support\",
  \"start_time_unix_nano\": \"$((now - 250000000))\", \"end_time_unix_nano\": \"$now\",
  \"attributes\": { \"gen_ai.operation.name\": \"invoke_agent\", \"gen_ai.agent.id\": \"support\" }
}"

call "$api/rewards" --data "{ \"trace_id\": \"$trace\", \"span_id\": \"$span\", \"value\": 0.9, \"source\": \"human\" }"
call --request PATCH "$api/tasks/ticket-17" --data '{ "status": "completed" }'

call "$api/tasks/ticket-17"
call "$api/tasks/ticket-17/metrics"
call "$api/patterns"
