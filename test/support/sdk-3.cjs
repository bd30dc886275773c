// SDK 3 under the names of SDK 2, so that the suites that use SDK 2 run on it unchanged: `.ci/sdk-3-suites` puts it in their place.
const sdk = require('@opentelemetry/sdk-trace');

/** Its constructor takes one object. */
class BatchSpanProcessor extends sdk.BatchSpanProcessor {
  constructor(exporter, options = {}) {
    super({ exporter, ...options });
  }
}
class SimpleSpanProcessor extends sdk.SimpleSpanProcessor {
  constructor(exporter) {
    super({ exporter });
  }
}

module.exports = {
  ...sdk,
  BatchSpanProcessor,
  SimpleSpanProcessor,
  NodeTracerProvider: sdk.TracerProvider,
};
