/** The door of reports: records and scorecards in, HTML, text and open formats out. */
export { readImpacts, renderCataloguePage } from './catalogue-page.ts';
export { renderComparisonHtml } from './comparison-html.ts';
export { renderComparison } from './comparison-text.ts';
export { renderDetectHtml } from './detect-html.ts';
export { renderDetectTable } from './detect-table.ts';
export { renderEvaluationHtml } from './evaluation-html.ts';
export { renderEvaluationTable } from './evaluation-table.ts';
export { exportChangesJsonl, exportEventsJsonl } from './export-jsonl.ts';
export { exportMetricsCsv, exportOpenMetrics } from './export-metrics.ts';
export { exportLogsOtlp, exportTracesOtlp } from './export-otlp.ts';
export { evaluationCases, leftOutCases, renderJunit } from './junit.ts';
export { renderLabels } from './labels.ts';
export { regressionCases, renderGateSimulation, renderRegression } from './regression-text.ts';
export { renderRunHtml } from './run-html.ts';
export { renderRunSummary } from './run-summary.ts';
export { renderSelfTestTable } from './self-test-table.ts';
export { renderTrivialityTable } from './triviality-table.ts';
