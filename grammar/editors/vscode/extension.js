// Starts `mapwright lsp` and hands it the rule files that are open.
const { workspace } = require("vscode");
const { LanguageClient, TransportKind } = require("vscode-languageclient/node");

let client;

function activate(context) {
  const settings = workspace.getConfiguration("mapwright");
  const capture = settings.get("capture");
  const args = capture ? ["lsp", "--from", capture] : ["lsp"];
  const program = { command: settings.get("path") || "mapwright", args, transport: TransportKind.stdio };
  client = new LanguageClient("mapwright", "mapwright", program, {
    documentSelector: [{ scheme: "file", language: "mapwright" }],
    synchronize: { fileEvents: workspace.createFileSystemWatcher("**/*.{rules,fields,schema,txt,csv}") },
  });
  context.subscriptions.push(client);
  return client.start();
}

function deactivate() {
  return client && client.stop();
}

module.exports = { activate, deactivate };
