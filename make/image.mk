# SPDX-License-Identifier: AGPL-3.0-or-later
#
# The appliance (docs/appliance.md). Building and booting it needs root, and a Debian 12 or 13 to stand on.

.PHONY: image boot check-image

## make image [VERSION=...]   the bootable image of what is committed, in build/image/out
image:
	@image/build $(VERSION)

## make boot [SETTINGS=FILE]   boots the newest image in QEMU; its 443, 80 and 22 are at 8443, 8081 and 2222
boot:
	@image/boot $(if $(SETTINGS),--settings $(SETTINGS))

## make check-image   builds the image, boots it, and asks of it what an operator and a visitor would
check-image:
	@tools/packages install check image
	@tools/check image
