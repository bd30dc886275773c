// Database drivers cannot be bundled: the package stays in node_modules.
export default { serverExternalPackages: ['otel-evolution'] };
