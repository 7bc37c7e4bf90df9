import { stringify } from "yaml";

export const workflowPath = ".github/workflows/lav-ir.yml";
export const hooksPath = ".pre-commit-config.yaml";

/** What is checked, on the machine of who commits and where the repository is. */
function lintLine(platformFile: string): string {
  return `lav-ir lint runbooks ${platformFile}`;
}

/** @param platformFile of the repository, by its path in it */
export function workflowText(platformFile: string): string {
  return `# Checks the runbooks of this repository: lint, then a dry run of each. Nothing of the platform is contacted, and no
# secret is needed.
name: lav-ir
on:
  push:
    branches: [main, master]
  pull_request:
permissions:
  contents: read
jobs:
  runbooks:
    runs-on: ubuntu-24.04
    timeout-minutes: 10
    permissions:
      contents: read
      # For the problems that code scanning shows.
      security-events: write
    steps:
      - uses: actions/checkout@v5.0.1
        with:
          persist-credentials: false
      - uses: actions/setup-node@v5.0.0
        with:
          node-version: 22
      - name: Install lav-ir
        env:
          # A variable of the repository: the package that npm pack made, by its address, or by its path here.
          LAV_IR_PACKAGE: \${{ vars.LAV_IR_PACKAGE }}
        run: |
          if command -v lav-ir; then exit 0; fi
          if [ -z "$LAV_IR_PACKAGE" ]; then
            echo "::error::set the variable LAV_IR_PACKAGE of this repository to the package of lav-ir"
            exit 1
          fi
          npm install --global --ignore-scripts "$LAV_IR_PACKAGE"
      - name: Lint
        run: ${lintLine(platformFile)} --sarif lav-ir.sarif
      - name: Show problems in code scanning
        if: \${{ !cancelled() && hashFiles('lav-ir.sarif') != '' }}
        # Not every repository has code scanning, and a fork may not write to it. Problems are annotations as well.
        continue-on-error: true
        uses: github/codeql-action/upload-sarif@v4.36.2
        with:
          sarif_file: lav-ir.sarif
          category: lav-ir
      - name: Dry runs
        shell: bash
        run: |
          code=0
          while IFS= read -r -d '' runbook; do
            echo "::group::$runbook"
            lav-ir run "$runbook" --dry-run --config ${platformFile} || code=1
            echo "::endgroup::"
          done < <(grep -rlZ --include='*.yaml' --include='*.yml' '^runbook:' runbooks)
          exit "$code"
`;
}

/** The entry of `repos` in pre-commit's file. */
export function hooksEntry(platformFile: string): Readonly<Record<string, unknown>> {
  return {
    repo: "local",
    hooks: [
      {
        id: "lav-ir",
        name: "lav-ir lint",
        entry: lintLine(platformFile),
        language: "system",
        // A change of the platform file may break any runbook, and one runbook may include another.
        pass_filenames: false,
        files: platformFile.startsWith("runbooks/") ? "^runbooks/" : "^(runbooks/|platform\\.yaml$)",
      },
    ],
  };
}

/** The entry as it is written in a list that begins at a column. */
export function hooksText(platformFile: string, column = 0): string {
  const text = stringify([hooksEntry(platformFile)], { lineWidth: 0 });
  return text.replaceAll(/^(?=.)/gm, " ".repeat(column));
}
