// Stands in for 'vscode' below the extension layer: an import of it there finds nothing and fails to compile.
export {};
