# SPDX-License-Identifier: MIT
#
# make          build everything into build/root, QEMU into the user's cache
# make check    install what is missing (Debian), build, run all tests
# make check-long  the same with the tests that take long, and only them
# make play     install what is missing, build, play the game
# make bench    install what is missing, build, measure
# make plain-qemu   also a QEMU without the speed patches: gangway --qemu plain
# make host-aarch64  build for an aarch64 machine, into build/host-aarch64
# make check-hosts  run tests as on such a machine (docs/adding-a-host.md)
# make install  copy what was built, with QEMU, to PREFIX (DESTDIR is honoured)
# make clean    delete the build folder; the QEMU in the cache stays

# Debian's, whatever else is in PATH: it matches Debian's python3 modules.
MESON ?= /usr/bin/meson
# The ISAs whose programs can run; their QEMUs are built where missing.
QEMU_TARGETS ?= x86_64 aarch64
# The tests have programs of all of them.
CHECK_TARGETS ?= x86_64 aarch64 riscv64
# Not empty: build with a QEMU without the patches of qemu/patches/speed.
QEMU_PLAIN ?=
PREFIX ?= /usr/local
TESTFLAGS ?=
# The machines that check-hosts makes likenesses of.
HOSTS ?= aarch64
# For example --suite forky, where a mirror lacks another release.
HOST_FLAGS ?=
# What host-% sets for the make that it starts.
BUILD ?= build
SETUP_FLAGS ?=
QEMU_FLAGS ?= $(if $(QEMU_PLAIN),--plain)

root := $(CURDIR)/$(BUILD)/root
qemu_file := $(root)/lib/gangway/qemu
dest := $(DESTDIR)$(PREFIX)
export MESON

all: programs qemu
	@echo "built: $(root)"

# The lock is for two makes at once, of which ninja knows nothing.
programs: $(BUILD)/build.ninja
	flock $(BUILD)/make.lock $(MESON) compile -C $(BUILD)
	flock $(BUILD)/make.lock $(MESON) install -C $(BUILD) --only-changed \
	    --no-rebuild --quiet

$(BUILD)/build.ninja:
	scripts/install-deps --only-check build
	$(MESON) setup $(BUILD) --prefix="$(root)" --libdir=lib $(SETUP_FLAGS)

# The launcher reads the folder with the QEMUs from a file and finds the plugin
# for their API through a link. QEMU is looked up each time, because
# GANGWAY_QEMU_DIR and PATH may have changed.
qemu:
	@mkdir -p "$(root)/lib/gangway/host"
	@qemu/get-qemu $(QEMU_FLAGS) $(QEMU_TARGETS) \
	        > "$(root).found" && \
	    tail -n 1 "$(root).found" > "$(qemu_file).new" && \
	    mv "$(qemu_file).new" "$(qemu_file)" && \
	    api=$$(sed -n 's/^api=//p' "$(root).found") && \
	    rm "$(root).found" && \
	    ln -sfn "dlcall-api$$api.so" "$(root)/lib/gangway/host/dlcall.so"

# For comparison, beside the other one. Only x86_64 programs are compared.
plain-qemu:
	@mkdir -p "$(root)/lib/gangway"
	@qemu/get-qemu --plain x86_64 > "$(root).plain" && \
	    tail -n 1 "$(root).plain" > "$(qemu_file)-plain.new" && \
	    mv "$(qemu_file)-plain.new" "$(qemu_file)-plain" && \
	    rm "$(root).plain"

# For a machine of another ISA, which is not at hand: its programs run in QEMU's
# user mode, and so does the QEMU that they start.
host-%:
	scripts/install-deps build
	scripts/cross-host $* build/host-$* $(HOST_FLAGS)
	$(MAKE) all BUILD=build/host-$* \
	    SETUP_FLAGS="--cross-file build/host-$*/cross.ini" \
	    QEMU_FLAGS="--host $* --host-sysroot build/host-$*/sysroot \
	        --host-runner $(CURDIR)/build/host-$*/run"

check:
	scripts/install-deps build check
	$(MAKE) all QEMU_TARGETS="$(CHECK_TARGETS)"
	scripts/run-tests build $(TESTFLAGS)

# Not part of check: the tests of the suite hosts, in the same way.  -t is by
# how much everything may take longer there.
check-hosts:
	scripts/install-deps build check
	for host in $(HOSTS); do \
	    $(MAKE) host-$$host QEMU_TARGETS="$(CHECK_TARGETS)" && \
	    scripts/run-tests build/host-$$host --suite hosts -t 8 \
	        $(TESTFLAGS) || exit 1; \
	done

check-long:
	scripts/install-deps build check
	$(MAKE) all
	scripts/run-tests build --suite long --num-processes 1 $(TESTFLAGS)

play:
	scripts/install-deps build play
	$(MAKE) all
	scripts/play

bench:
	scripts/install-deps build bench
	$(MAKE) all plain-qemu
	bench/run

# build/root can be moved; only the QEMUs lie elsewhere and are copied too, but
# not the one for comparison.
install:
	@test -f "$(qemu_file)" || \
	    { echo "nothing is built yet; run make first" >&2; exit 1; }
	mkdir -p "$(dest)/libexec/gangway"
	cp -R --preserve=mode,links build/root/. "$(dest)"
	cp $(addprefix "$$(cat "$(qemu_file)")"/qemu-,$(QEMU_TARGETS)) \
	    "$(dest)/libexec/gangway"
	echo "$(PREFIX)/libexec/gangway" > "$(dest)/lib/gangway/qemu"
	rm -f "$(dest)/lib/gangway/qemu-plain"

clean:
	rm -rf build

# One after the other: what runs in parallel, ninja and meson see to.
.NOTPARALLEL:
.PHONY: all programs qemu plain-qemu check check-long play bench install \
    clean check-hosts
