export default async function postgresDown() {
  await globalThis.testPostgres?.stop();
}
