# SPDX-License-Identifier: AGPL-3.0-or-later
"""What black-box tests stand on: a lab of names, a database, a site, and a peer of our own making."""
