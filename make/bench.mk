# SPDX-License-Identifier: AGPL-3.0-or-later
#
# What paths cost on this machine. Numbers are printed and kept, never asserted.

## make bench [BENCH="actor home ..."]   all paths, or some; the history is build/bench/history.tsv
.PHONY: bench
bench: all
	@tools/packages install run check
	@tools/lab --disk /usr/bin/python3 tests/bench/bench.py $(BENCH)
