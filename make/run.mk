# SPDX-License-Identifier: AGPL-3.0-or-later
#
# Trying it out, with all state in var/.

## make run [PORT=8080]   builds, and runs everything in the foreground until Ctrl-C
.PHONY: run reset
run: all
	@exec env PORT=$(PORT) VARIANT=$(VARIANT) tools/run

## make reset   forgets what make run made
reset:
	@tools/run reset
