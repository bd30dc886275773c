#!/bin/bash
# Builds an OpenTelemetry Collector from the Go module proxy and prints the path of its binary.
# The second call finds it in the cache. Needs Go and the network the first time (about two minutes).
set -euo pipefail

version=0.159.0          # of the components
provider_version=1.65.0  # of the configuration providers that belong to it
components=(
  go.opentelemetry.io/collector/receiver/otlpreceiver@v$version
  go.opentelemetry.io/collector/processor/batchprocessor@v$version
  go.opentelemetry.io/collector/processor/memorylimiterprocessor@v$version
  go.opentelemetry.io/collector/exporter/otlphttpexporter@v$version
  go.opentelemetry.io/collector/exporter/otlpexporter@v$version
  go.opentelemetry.io/collector/exporter/debugexporter@v$version
  go.opentelemetry.io/collector/confmap/provider/envprovider@v$provider_version
  go.opentelemetry.io/collector/confmap/provider/fileprovider@v$provider_version
  go.opentelemetry.io/collector/confmap/provider/yamlprovider@v$provider_version
)

cache="${XDG_CACHE_HOME:-$HOME/.cache}/otel-evolution/collector-$version"
binary="$cache/otelcol"
if [ -x "$binary" ]; then
  echo "$binary"
  exit 0
fi
command -v go >/dev/null || { echo "Go is needed to build the Collector: https://go.dev/dl" >&2; exit 1; }

mkdir -p "$cache"
work="$(mktemp -d "$cache/build.XXXXXX")"
trap 'rm -rf "$work"' EXIT
export CGO_ENABLED=0 GOFLAGS=-buildvcs=false

section() { # section NAME PATTERN: the components that match, as the builder's manifest wants them
  echo "$1:"
  printf '%s\n' "${components[@]}" | grep "$2" | sed -E 's/(.*)@(.*)/  - gomod: \1 \2/'
}
{
  printf 'dist: { module: local/otelcol, name: otelcol, version: %s, output_path: %s }\n' "$version" "$work/source"
  section receivers /receiver/
  section processors /processor/
  section exporters /exporter/
  section providers /provider/
} > "$work/manifest.yaml"

# The builder only writes the source: its own `go mod tidy` would follow the tests of every component.
go run "go.opentelemetry.io/collector/cmd/builder@v$version" \
  --config "$work/manifest.yaml" --skip-compilation --skip-get-modules >&2
cd "$work/source"
go mod init local/otelcol >&2
go get "${components[@]}" "go.opentelemetry.io/collector/otelcol@v$version" >&2
go build -mod=mod -trimpath -ldflags='-s -w' -o "$work/otelcol" . >&2
mv "$work/otelcol" "$binary" # at once, so that an interrupted build leaves no half of one
echo "$binary"
