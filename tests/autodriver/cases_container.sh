#!/usr/bin/env bash
# What a container could change about autodriver's promises. The copying of trees (cases_copy.sh) is
# the same in a VM and takes half a minute: by ctest -C long alone.
# shellcheck disable=SC1091
. /tests/harness.sh
. /tests/cases_outcome.sh
. /tests/cases_options.sh
. /tests/cases_limits.sh
. /tests/cases_hostile.sh
run_cases "$@"
