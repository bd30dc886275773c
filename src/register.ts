import { startSdk } from './runtime';

// node --import otel-evolution/register app.js, or --require
startSdk();
