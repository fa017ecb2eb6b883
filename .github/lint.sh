#!/usr/bin/env bash
# The workflows, Dependabot's settings and the issue forms against their linters, without network.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
zizmor --offline --persona auditor --strict-collection .
check-jsonschema --builtin-schema vendor.github-workflows .github/workflows/*.yml
check-jsonschema --builtin-schema custom.github-workflows-require-timeout .github/workflows/*.yml
check-jsonschema --builtin-schema vendor.dependabot .github/dependabot.yml
check-jsonschema --builtin-schema vendor.github-issue-config .github/ISSUE_TEMPLATE/config.yml
find .github/ISSUE_TEMPLATE -name '*.yml' ! -name config.yml -print0 |
  xargs -0 check-jsonschema --builtin-schema vendor.github-issue-forms
