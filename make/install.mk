# SPDX-License-Identifier: AGPL-3.0-or-later
#
# Getting it onto a machine, and out of the tree. Every directory can be set on the command line;
# DESTDIR stands before all of them. docs/install.md goes on from here.

sysconfdir ?= /etc
sysusersdir ?= $(prefix)/lib/sysusers.d
tmpfilesdir ?= $(prefix)/lib/tmpfiles.d
docdir ?= $(datadir)/doc/rookery

MAN := $(wildcard man/*.[1-8])
DOCUMENTS := README.md CONTRIBUTING.md FEDERATION.md LICENSE $(wildcard docs/*.md)
UNITS := $(wildcard systemd/*.service.in)
SAMPLE := $(B)/rookery.conf
COMPLETION := $(B)/completion/rookery

$(B)/sample: $(B)/tools/sample.o $(LIB_A)
	@echo "  LINK    $@"
	@$(CC) $(LDFLAGS_ALL) -o $@ $^ $(LIBS)

$(SAMPLE): $(B)/sample
	@echo "  GEN     $@"
	@$< > $@

# Tests that install side by side find these made.
ifeq ($(VARIANT),plain)
test-programs: $(SAMPLE) $(COMPLETION)
endif

$(COMPLETION): $(B)/rookery
	@echo "  GEN     $@"
	@mkdir -p $(@D)
	@$< completion bash > $@

INSTALL := install
PUT = $(INSTALL) -m 0644 -D -t

# An existing rookery.conf is the operator's and stays.
## make install [DESTDIR= prefix=/usr/local unitdir= ...]   programs, units, manual, sample file
.PHONY: install deb man dist docs clean
install: all $(SAMPLE) $(COMPLETION)
	@echo "  INSTALL $(DESTDIR)$(prefix)"
	@$(INSTALL) -m 0755 -D -t $(DESTDIR)$(bindir) $(PROGRAMS)
	@$(INSTALL) -d $(DESTDIR)$(unitdir)
	@for unit in $(UNITS); do \
		to=$(DESTDIR)$(unitdir)/$$(basename $$unit .in); \
		sed -e '/^@sandbox@$$/{' -e 'r systemd/sandbox.in' -e 'd' -e '}' \
			-e 's|@bindir@|$(bindir)|' $$unit > $$to && chmod 0644 $$to || exit 1; \
	done
	@$(PUT) $(DESTDIR)$(unitdir) $(wildcard systemd/*.socket systemd/*.target systemd/*.slice systemd/*.timer)
	@$(INSTALL) -m 0644 -D systemd/rookery.sysusers $(DESTDIR)$(sysusersdir)/rookery.conf
	@$(INSTALL) -m 0644 -D systemd/rookery.tmpfiles $(DESTDIR)$(tmpfilesdir)/rookery.conf
	@for page in $(MAN); do \
		$(PUT) $(DESTDIR)$(mandir)/man$${page##*.} $$page || exit 1; \
	done
	@$(PUT) $(DESTDIR)$(completiondir) $(COMPLETION)
	@$(PUT) $(DESTDIR)$(docdir) $(DOCUMENTS) $(SAMPLE)
	@[ -e $(DESTDIR)$(sysconfdir)/rookery/rookery.conf ] || \
		$(PUT) $(DESTDIR)$(sysconfdir)/rookery $(SAMPLE)

# In a copy that has nothing else, so that the tree stays as it is. -d: what it is built from is there
# when this is reached, and the C++ compiler of build-essential is not needed.
## make deb   a Debian package of what make builds, in build/deb
deb: all $(SAMPLE) $(COMPLETION)
	@tools/packages install deb
	@rm -rf build/deb
	@mkdir -p build/deb/tree
	@cp -r debian build/deb/tree
	@echo "  DEB     build/deb"
	@cd build/deb/tree && TREE=$(CURDIR) MAKEFLAGS= MFLAGS= DEB_BUILD_OPTIONS=noautodbgsym \
		dpkg-buildpackage -b -d -us -uc -nc >../log 2>&1 || { tail -n 40 ../log; exit 1; }
	@rm -r build/deb/tree
	@ls build/deb/*.deb

## make man   checks the manual pages
man:
	@command -v mandoc >/dev/null || tools/packages install check
	@mandoc -T lint -W warning $(MAN)

## make docs   draws the state machines in docs/stator.md again
docs: $(B)/rookery-stator
	@tools/docs $<

## make dist   a tarball of what is committed
dist:
	@mkdir -p build
	@git archive --format=tar.gz --prefix=rookery-$(VERSION)/ -o build/rookery-$(VERSION).tar.gz HEAD
	@echo "build/rookery-$(VERSION).tar.gz"

## make clean   forgets what was built; the history of make bench stays
clean:
	@tools/cluster remove build/sql/postgres
	@[ ! -d build ] || find build -mindepth 1 -maxdepth 1 ! -name bench -exec rm -rf {} +
