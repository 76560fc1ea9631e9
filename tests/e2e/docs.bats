#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# shellcheck disable=SC2016 # what other shells expand
# --help, man pages and completions say the same; man pages are sound and whole; the guide's screens are true.
bats_require_minimum_version 1.5.0

setup() {
	cd "$BATS_TEST_DIRNAME/../.." || return 1
	built=$PWD/${B:-build}
	[[ ${B:-} != /* ]] || built=$B
	vmperf=$built/vmperf
	T=$BATS_TEST_TMPDIR
	case $BATS_TEST_DESCRIPTION in
	*"man page"*) [ -e "$built/man/vmperf.1" ] || skip "built without man pages: scdoc is not installed" ;;
	esac
	case $BATS_TEST_DESCRIPTION in
	*"zsh"*) command -v zsh >/dev/null || skip "zsh is not installed" ;;
	*"fish"*) command -v fish >/dev/null || skip "fish is not installed" ;;
	esac
}

# Commands, a line each; some have two words
commands() {
	"$vmperf" --help | sed -nE '/^Commands:/,/^$/s/^  ([a-z]+( [a-z-]+)?) .*/\1/p'
}

# What may follow "vmperf", or "vmperf $1", to name a command
words() {
	if [ $# = 0 ]; then commands | cut -d ' ' -f 1; else commands | sed -n "s/^$1 //p"; fi | sort -u
}

# Options of a command ("" vmperf itself) as --help has them, a name a line: --name and -x
help_options() {
	# shellcheck disable=SC2086 # nothing or a word
	"$vmperf" $1 --help | grep -oE '^  (-[A-Za-z],|   ) --[a-z.-]+' | tr -d ', ' | sed 's/^\(-[A-Za-z]\)--/\1\n--/' | sort
}

# Lines "--name choice" of all options of a command that have choices
help_choices() {
	# shellcheck disable=SC2086 # one word or two
	"$vmperf" $1 --help | sed -nE 's/^  (-[A-Za-z],|   ) (--[a-z.-]+) ([^ ]*\|[^ ]*).*/\2 \3/p' |
		while read -r option choices; do
			# of top:N the part before what is to be replaced
			tr '|' '\n' <<<"$choices" | sed "s/[A-Z].*//; s/^/$option /"
		done | sort
}

# page NAME.N [WIDTH]: a man page as people see it, without bold
page() {
	mandoc -T ascii -O "width=${2:-200}" "$built/man/$1" | col -bx
}

# headings NAME.N SECTION: the lines of a section that are not indented further
headings() {
	page "$1" | sed -n "/^$2\$/,/^[A-Z]/s/^       \([^ ].*\)/\1/p"
}

# bash_says WORD...: what bash offers for the last word
bash_says() {
	bash -c 'source "$1"; shift; COMP_WORDS=("$@") COMP_CWORD=$(($# - 1)) COMP_LINE=$* COMP_POINT=${#COMP_LINE}; _vmperf; printf "%s\n" "${COMPREPLY[@]}"' \
		bash "${BASH_COMPLETION:-$built/completions/vmperf.bash}" "$@" | sed '/^$/d' | sort -u
}

# fish_says LINE
fish_says() {
	HOME=$T fish -N -c 'source $argv[1]; complete -C $argv[2]' "${FISH_COMPLETION:-$built/completions/vmperf.fish}" "$1" |
		cut -f 1 | sort -u
}

# zsh_says LINE...: "LINE<tab>WORD" lines
zsh_says() {
	mkdir -p "$T/zsh"
	cp "${ZSH_COMPLETION:-$built/completions/vmperf.zsh}" "$T/zsh/_vmperf"
	printf '%s|\n' "$@" | timeout 100 zsh -f tests/e2e/complete.zsh "$T/zsh" | sort -u
}

# said LINE: of what zsh_says has printed, for that line
said() {
	awk -F '\t' -v line="$1" '$1 == line { print $2 }' | sort -u
}

# same WHAT A B: two texts are
same() {
	diff <(echo "$2") <(echo "$3") || {
		echo "$1: these differ (<: --help has it)"
		return 1
	}
}

@test "each command has a man page, and vmperf(1) names each" {
	[ "$(commands | wc -l)" -ge 7 ]
	while read -r c; do
		c=${c// /-}
		[ -s "$built/man/vmperf-$c.1" ]
		page vmperf.1 | sed -n '/^SEE ALSO/,$p' | sed -zE 's/-\n +/-/g' | grep -qE "vmperf-$c\(1\)"
		headings vmperf.1 COMMANDS | grep -qxF "vmperf-$c(1)"
		# the name as whatis(1) reads it
		[[ $(headings "vmperf-$c.1" NAME) == "vmperf-$c - "* ]]
	done < <(commands)
	# and none is of something else
	pages=$(printf '%s\n' vmperf.1 vmperf-metrics.7; commands | sed 's/ /-/; s/.*/vmperf-&.1/')
	same pages "$(sort <<<"$pages")" "$(cd "$built/man" && printf '%s\n' -- * | sed 1d | sort)"
}

@test "--help and the man page of each command have the same options and choices" {
	while read -r c; do
		page=vmperf${c:+-${c// /-}}.1
		got=$(headings "$page" OPTIONS | grep -oE '^(-[A-Za-z], )?--[a-z.-]+' | tr -d ' ' | tr , '\n' | sort)
		same "vmperf $c" "$(help_options "$c")" "$got"
		[ -n "$c" ] || continue
		got=$(headings "$page" OPTIONS | sed -nE 's/^(-[A-Za-z], )?(--[a-z.-]+) ([^ ]*\|[^ ]*)$/\2 \3/p' |
			while read -r option choices; do
				tr '|' '\n' <<<"$choices" | sed "s/[A-Z].*//; s/^/$option /"
			done | sort)
		same "vmperf $c" "$(help_choices "$c")" "$got"
	done < <(echo; commands)
}

@test "bash completes commands, and all options and choices that --help has" {
	same commands "$(words)" "$(bash_says vmperf '')"
	same vmperf "$({ help_options ""; help_options top; } | sort -u)" "$(bash_says vmperf -)"
	same "vmperf profile" "$(words profile)" "$(bash_says vmperf profile '')"
	while read -r c; do
		read -ra command <<<"$c"
		same "vmperf $c" "$(help_options "$c")" "$(bash_says vmperf "${command[@]}" -)"
		while read -r option; do
			[ -n "$option" ] || continue
			same "vmperf $c $option" "$(help_choices "$c" | sed -n "s/^$option //p")" \
				"$(bash_says vmperf "${command[@]}" "$option" '')"
		done < <(help_choices "$c" | cut -d ' ' -f 1 | sort -u)
	done < <(commands)
}

@test "fish completes commands, and all options and choices that --help has" {
	same commands "$(words)" "$(fish_says 'vmperf ')"
	same vmperf "$({ help_options ""; help_options top; } | sort -u)" "$(fish_says 'vmperf -')"
	same "vmperf profile" "$(words profile)" "$(fish_says 'vmperf profile ')"
	while read -r c; do
		same "vmperf $c" "$(help_options "$c")" "$(fish_says "vmperf $c -")"
		while read -r option; do
			[ -n "$option" ] || continue
			same "vmperf $c $option" "$(help_choices "$c" | sed -n "s/^$option //p")" \
				"$(fish_says "vmperf $c $option ")"
		done < <(help_choices "$c" | cut -d ' ' -f 1 | sort -u)
	done < <(commands)
}

@test "zsh completes commands, and all options and choices that --help has" {
	lines=('vmperf ' 'vmperf -' 'vmperf profile ')
	while read -r c; do
		lines+=("vmperf $c -")
		while read -r option; do
			[ -z "$option" ] || lines+=("vmperf $c $option ")
		done < <(help_choices "$c" | cut -d ' ' -f 1 | sort -u)
	done < <(commands)
	zsh_says "${lines[@]}" >"$T/said"
	same commands "$(words)" "$(said 'vmperf ' <"$T/said")"
	same vmperf "$({ help_options ""; help_options top; } | sort -u)" "$(said 'vmperf -' <"$T/said")"
	same "vmperf profile" "$(words profile)" "$(said 'vmperf profile ' <"$T/said")"
	while read -r c; do
		same "vmperf $c" "$(help_options "$c")" "$(said "vmperf $c -" <"$T/said")"
		while read -r option; do
			[ -n "$option" ] || continue
			same "vmperf $c $option" "$(help_choices "$c" | sed -n "s/^$option //p")" \
				"$(said "vmperf $c $option " <"$T/said")"
		done < <(help_choices "$c" | cut -d ' ' -f 1 | sort -u)
	done < <(commands)
}

# one of each kind; what is to come for it stands behind the "="
kinds=(
	'vmperf sn=snapshot'
	'vmperf -v rec=record'
	'vmperf snapshot --format j=json'
	'vmperf --theme li=light'
	'vmperf top --interval 2s --color al=always'
	'vmperf top -e cycles,inst=cycles,instructions'
	'vmperf events branch-i=branch-instructions'
	'vmperf snapshot --replay /etc/passw=/etc/passwd'
	'vmperf diff -n 3 /etc/passwd /etc/passw=/etc/passwd'
	'vmperf snapshot -- mktem=mktemp'
	'vmperf record x -- ls /etc/passw=/etc/passwd'
)

@test "bash completes values, files, events and the command after --" {
	for k in "${kinds[@]}"; do
		# an alias of an event is not offered
		[[ $k != *branch-i* ]] || k='vmperf events branche=branches'
		read -ra words <<<"${k%%=*}"
		bash_says "${words[@]}" | grep -qxF -- "${k#*=}"
	done
	# = ends a word of bash's
	[ "$(bash_says vmperf snapshot --format = j)" = json ]
	[ "$(bash_says vmperf snapshot --format =)" = "$(help_choices snapshot | sed -n 's/^--format //p')" ]
	# with the completions of other programs there, too
	if [ -e /usr/share/bash-completion/bash_completion ]; then
		cat /usr/share/bash-completion/bash_completion "$built/completions/vmperf.bash" >"$T/both"
		BASH_COMPLETION=$T/both bash_says vmperf snapshot -- mktem | grep -qxF mktemp
	fi
}

@test "fish completes values, files, events and the command after --" {
	for k in "${kinds[@]}"; do
		[[ $k != *branch-i* ]] || k='vmperf events branche=branches'
		fish_says "${k%%=*}" | grep -qxF -- "${k#*=}"
	done
	[ "$(fish_says 'vmperf snapshot --format=j')" = --format=json ]
	[ "$(fish_says 'vmperf top --events=cycles,inst')" = --events=cycles,instructions ]
}

@test "zsh completes values, files, events and the command after --" {
	lines=()
	for k in "${kinds[@]}"; do
		[[ $k != *branch-i* ]] || k='vmperf events branche=branches'
		lines+=("${k%%=*}")
	done
	zsh_says "${lines[@]}" 'vmperf snapshot --format=j' >"$T/said"
	for k in "${kinds[@]}"; do
		[[ $k != *branch-i* ]] || k='vmperf events branche=branches'
		# of paths and lists what follows the last / or , is told
		want=${k#*=}
		said "${k%%=*}" <"$T/said" | grep -qxE -- "(.*[/,])?${want##*[/,]}"
	done
	said 'vmperf snapshot --format=j' <"$T/said" | grep -qx json
}

# hostile SHELL SUFFIX: the completion of a shell with names of VMs of our own, two of them hostile
hostile() {
	mkdir -p "$T/qemu"
	: >"$T/qemu/web1.xml"
	: >"$T/qemu/a b\$(touch $BATS_TEST_NAME).xml"
	: >"$T/qemu/q'\"x;*.xml"
	sed "s|/run/libvirt/qemu/|$T/qemu/|" "$built/completions/vmperf.$1" >"$T/completion"
}

@test "bash completes names of VMs, whatever is in them, and runs nothing" {
	hostile bash
	export BASH_COMPLETION=$T/completion
	[ "$(bash_says vmperf --vm w)" = web1 ]
	got=$(cd "$T" && bash_says vmperf snapshot --vm '')
	[ "$(wc -l <<<"$got")" = 3 ]
	# as it stands then on the command line
	names=()
	eval "names=($(tr '\n' ' ' <<<"$got"))"
	diff <(printf '%s\n' "${names[@]}" | sort) <(cd "$T/qemu" && printf '%s\n' ./*.xml | sed 's|^./||; s/\.xml$//' | sort)
	[ -z "$(find "$T" -name "$BATS_TEST_NAME")" ]
}

@test "fish completes names of VMs, whatever is in them, and runs nothing" {
	hostile fish
	export FISH_COMPLETION=$T/completion
	[ "$(fish_says 'vmperf --vm w')" = web1 ]
	[ "$(cd "$T" && fish_says 'vmperf snapshot --vm ' | wc -l)" = 3 ]
	[ -z "$(find "$T" -name "$BATS_TEST_NAME")" ]
}

@test "zsh completes names of VMs, whatever is in them, and runs nothing" {
	hostile zsh
	export ZSH_COMPLETION=$T/completion
	zsh_says 'vmperf --vm w' 'vmperf snapshot --vm ' >"$T/said"
	[ "$(said 'vmperf --vm w' <"$T/said")" = web1 ]
	[ "$(said 'vmperf snapshot --vm ' <"$T/said" | wc -l)" = 3 ]
	[ -z "$(find "$T" -name "$BATS_TEST_NAME")" ]
}

@test "each man page is sound for mandoc and man, and ends where it should" {
	for m in "$built"/man/*; do
		# style is the generator's: long lines that are escapes; so are empty paragraphs, of which newer ones warn (2)
		mandoc -T lint -W warning "$m" >"$T/lint" || [ $? = 2 ]
		run grep -v 'WARNING: skipping paragraph macro: PP ' "$T/lint"
		[ -z "$output" ]
		# nothing is cut off
		[ "$(page "${m##*/}" | grep -E '^[A-Z]' | tail -1)" = "SEE ALSO" ]
		# its name and section are those of the file; its date is the release's
		name=${m##*/}
		grep -qiE "^\.TH \"${name%.*}\" \"${name##*.}\" \"$(date -u -d "@$(sed -n 's/^RELEASED := //p' Makefile)" +%F)\"" "$m" ||
			[ -n "$SOURCE_DATE_EPOCH" ]
	done
	if command -v groff >/dev/null; then
		for m in "$built"/man/*; do
			run groff -man -Tascii -ww -z "$m"
			[ -z "$output" ]
		done
	fi
}

# bold NAME.N: all words of a page that are bold, one a line
bold() {
	sed -e 's/\\fB/\n\x01/g' -e 's/\\fR/\n/g' "$built/man/$1" | sed -n 's/^\x01//p' | sed 's/\\&//g' | sort -u
}

@test "the man page on metrics has each member of JSON, title of CSV and series of Prometheus" {
	bold vmperf-metrics.7 >"$T/bold"
	# a member within another stands alone or behind its object's name
	missing=$(for j in tests/golden/*.json; do
		jq -e 'has("vms") and has("probes")' "$j" >/dev/null 2>&1 || continue
		jq -r 'paths | map(strings) | select(length > 0) | .[-2:] | join(".")' "$j"
	done | sort -u | while read -r path; do
		grep -qxF -e "$path" -e "${path##*.}" "$T/bold" || echo "$path"
	done)
	echo "$missing"
	[ -z "$missing" ]
	for by in vm vcpu exit thread event; do
		"$vmperf" snapshot --replay tests/golden/screen.vmperf --format csv --by $by | head -1 | tr , '\n' >"$T/titles"
		[ "$(wc -l <"$T/titles")" -gt 5 ]
		missing=$(grep -vxFf "$T/bold" "$T/titles" || true)
		echo "$missing"
		[ -z "$missing" ]
	done
	"$vmperf" snapshot --replay tests/golden/screen.vmperf --format prom | sed -n 's/^# TYPE \([^ ]*\) .*/\1/p' >"$T/series"
	[ "$(wc -l <"$T/series")" -gt 15 ]
	missing=$(grep -vxFf "$T/bold" "$T/series" || true)
	echo "$missing"
	[ -z "$missing" ]
}

@test "the man page on metrics has each state, probe and cause of loss, as a heading" {
	json=$("$vmperf" snapshot --replay tests/golden/screen.vmperf --format json)
	states=$(jq -r '.vms[0].ledger_ns | keys[]' <<<"$json" | sort)
	same states "$states" "$(headings vmperf-metrics.7 'THE LEDGER' | grep -xE '[a-z]+' | sort)"
	same causes "$(jq -r '.loss | keys[]' <<<"$json" | sort)" "$(headings vmperf-metrics.7 LOSS | grep -xE '[a-z]+' | sort)"
	# the iterator's, and those of the table of programs: a record has not all of them
	probes=$(echo vm_files; grep -oE '(PROGRAM\(|hook = )"[a-z_]+"' user/probe/programs.c | cut -d '"' -f 2)
	same probes "$(sort -u <<<"$probes")" "$(headings vmperf-metrics.7 PROBES | tr -d ' ' | tr , '\n' | grep -xE '[a-z_]+' | sort)"
	missing=$(jq -r '.probes[].name' <<<"$json" | grep -vxF "$probes" || true)
	[ -z "$missing" ]
}

@test "the man page of top has each key that its help has" {
	headings vmperf-top.1 KEYS >"$T/keys"
	[ "$(wc -l <"$T/keys")" -gt 25 ]
	"$built/tests/tui/shot" --size 200x60 --keys '?' tests/golden/screen.vmperf >"$T/help"
	page vmperf-top.1 | sed -n '/^KEYS/,/^[E-J]/s/^           \([^ ].*\)\.$/\1/p' | sort >"$T/texts"
	while read -r text; do
		# the help has lines of its own
		grep -qF -- "${text:0:40}" "$T/help"
	done <"$T/texts"
}

@test "the guide's screens are what vmperf shows today" {
	[ "$(grep -c '^<!-- \$ ' user/share/guide/ledger.md)" -ge 8 ]
	# make guide accepts a change, once somebody has looked at it
	B=${B:-build} user/share/guide/renew user/share/guide/ledger.md >"$T/ledger.md"
	diff user/share/guide/ledger.md "$T/ledger.md"
}

@test "installing puts man pages, completions and the guide where they are looked for, uninstalling removes them" {
	make -s B="${B:-build}" install-docs DESTDIR="$T/d" prefix=/usr >/dev/null
	share=$T/d/usr/share
	[ -s "$share/bash-completion/completions/vmperf" ]
	[ -s "$share/zsh/site-functions/_vmperf" ]
	[ -s "$share/fish/vendor_completions.d/vmperf.fish" ]
	[ -s "$share/doc/vmperf/ledger.md" ]
	if [ -e "$built/man/vmperf.1" ]; then
		[ "$(cd "$share/man" && printf '%s\n' man[17]/* | sort)" = "$(cd "$built/man" && for m in *; do echo "man${m##*.}/$m"; done | sort)" ]
		! command -v man >/dev/null || man -w -M "$share/man" vmperf-metrics
	fi
	make -s B="${B:-build}" uninstall-docs DESTDIR="$T/d" prefix=/usr
	[ -z "$(find "$T/d" -type f)" ]
}
