import type { Session } from '../database/database';
import { cleanText } from '../schema/text';

/** What the last learner said, whichever process it ran in. */
export async function noteLearningRefusal(session: Session, reason: string | null): Promise<void> {
  if (reason === null) {
    await session.run(`DELETE FROM settings WHERE name = 'learning_refusal'`);
    return;
  }
  await session.run(
    `INSERT INTO settings (name, value) VALUES ('learning_refusal', ?) ` +
      `ON CONFLICT (name) DO UPDATE SET value = excluded.value`,
    [cleanText(reason)],
  );
}

export async function readLearningRefusal(session: Session): Promise<string | null> {
  const [row] = await session.all<{ value: string }>(
    `SELECT value FROM settings WHERE name = 'learning_refusal'`,
  );
  return row?.value ?? null;
}
