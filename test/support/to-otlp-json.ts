import { otlpType } from './otlp-proto';

/** An `ExportTraceServiceRequest` in OTLP/JSON, where ids are hexadecimal. */
export function toOtlpJson(protobuf: Uint8Array): string {
  const type = otlpType('ExportTraceServiceRequest');
  const message = type.toObject(type.decode(protobuf), { longs: String });
  return JSON.stringify(message, (_key, value: unknown) =>
    isBytes(value) ? Buffer.from(value.data).toString('hex') : value,
  );
}

/** As `Buffer` writes itself before a replacer sees it. */
function isBytes(value: unknown): value is { readonly data: readonly number[] } {
  return typeof value === 'object' && value !== null && 'data' in value && 'type' in value;
}
