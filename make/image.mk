# SPDX-License-Identifier: AGPL-3.0-or-later
#
# The appliance (docs/appliance.md). Building and booting it needs root, and a Debian 12 or 13 to stand on.

.PHONY: image release image-compare boot check-image

## make image [VERSION=... UPDATE_KEY=FILE UPDATE_URL=URL LIST=yes]   the bootable image of what is committed
image: export UPDATE_KEY := $(UPDATE_KEY)
image: export UPDATE_URL := $(UPDATE_URL)
image: export LIST := $(LIST)
image:
	@image/build $(if $(filter command,$(firstword $(origin VERSION))),$(VERSION))

## make release [KEY=ID]   what people download and machines update themselves from, in build/image/release
release:
	@tools/packages install image
	@image/release $(if $(KEY),--key $(KEY))

## make image-compare   builds the image twice and says where the two differ
image-compare:
	@image/compare

## make boot [SETTINGS=FILE TPM=yes]   in QEMU, 443, 80 and 22 at 8443, 8081 and 2222; says how to go on
boot:
	@$(if $(SETTINGS),image/boot --settings $(SETTINGS),image/demo) $(if $(TPM),--tpm)

## make check-image   builds the image, boots it, and asks of it what an operator and a visitor would
check-image:
	@tools/packages install run check image
	@tools/check image
