import { readAttribute } from './protobuf-attributes';
import type { ProtobufReader } from './protobuf-reader';
import type { ResourceDraft, ScopeDraft } from './span-draft';

/** Fills an object that records may share already: the resource may follow them on the wire. */
export function readResource(reader: ProtobufReader, resource: ResourceDraft): void {
  const outerEnd = reader.enter();
  for (let tag = reader.tag(); tag !== 0; tag = reader.tag()) {
    if (tag === 0x0a) readAttribute(reader, resource);
    else if (tag === 0x10) resource.droppedAttributesCount = reader.uint32();
    else reader.skip(tag);
  }
  reader.leave(outerEnd);
}

export function readScope(reader: ProtobufReader, scope: ScopeDraft): void {
  const outerEnd = reader.enter();
  for (let tag = reader.tag(); tag !== 0; tag = reader.tag()) {
    if (tag === 0x0a) scope.name = reader.name();
    else if (tag === 0x12) scope.version = reader.name() || null;
    else if (tag === 0x1a) readAttribute(reader, scope);
    else if (tag === 0x20) scope.droppedAttributesCount = reader.uint32();
    else reader.skip(tag);
  }
  reader.leave(outerEnd);
}
