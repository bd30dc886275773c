import type { TaskBook } from '../model/ports';
import type { Task } from '../model/task';
import type { Session } from './database/database';
import {
  changeExecution,
  changeTask,
  createExecution,
  createTask,
} from './ingest/explicit-changes';
import { getExecution, getTask, listExecutions, listTasks } from './read/read-executions';
import { withOwnRewards } from './read/unrun-tasks';
import type { StoreAccess } from './store-access';

/** Tasks and executions, by hand and read. */
export function taskMethods({ changeDerived, readDerived, options, settings }: StoreAccess) {
  const judged = async (session: Session, tasks: readonly Task[]): Promise<readonly Task[]> =>
    withOwnRewards(session, tasks, (await settings.read()).sourceOrder);
  const oneTask = async (session: Session, id: string): Promise<Task | null> => {
    const task = await getTask(session, id);
    return task && (await judged(session, [task]))[0]!;
  };
  return {
    createTask: (task) => {
      const id = task.id ?? options.newId();
      return changeDerived(async (session, context) => {
        await createTask(session, context, id, task);
        return (await oneTask(session, id))!;
      });
    },
    getTask: (id) => readDerived((session) => oneTask(session, id)),
    updateTask: (id, wanted) =>
      changeDerived(async (session, context) => {
        await changeTask(session, context, id, wanted);
        return (await oneTask(session, id))!;
      }),
    listTasks: (query) =>
      readDerived(async (session) => {
        const page = await listTasks(session, query);
        return { ...page, items: await judged(session, page.items) };
      }),

    createExecution: (execution) => {
      const id = execution.id ?? options.newId();
      return changeDerived(async (session, context) => {
        await createExecution(session, context, id, execution);
        return (await getExecution(session, id))!;
      });
    },
    getExecution: (id) => readDerived((session) => getExecution(session, id)),
    updateExecution: (id, wanted) =>
      changeDerived(async (session, context) => {
        await changeExecution(session, context, id, wanted);
        return (await getExecution(session, id))!;
      }),
    listExecutions: (query) => readDerived((session) => listExecutions(session, query)),
  } satisfies TaskBook;
}
