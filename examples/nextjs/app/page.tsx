export default function Page() {
  return (
    <form action="/ask">
      <input name="question" aria-label="Question" />
    </form>
  );
}
