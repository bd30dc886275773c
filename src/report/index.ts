export type { DetailedRun, ReportInput } from './report-input';
export { generatorMark, renderReport } from './render-report';
