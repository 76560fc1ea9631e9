# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2154 # T is that of ledger.bash
# The terminal UI in a real terminal, tmux's: what a test types and sees.

# in_tmux ARGUMENT...: a server of the test's own, with no settings of anybody's
in_tmux() {
	tmux -L "$TMUX_NAME" -f "$T/tmux.conf" "$@"
}

# open_terminal WxH [COMMAND]: a terminal of that size in which COMMAND (sh's) runs; then its status,
# and the terminal's settings before and after it, are in $T/status, $T/before and $T/after
open_terminal() {
	TMUX_NAME=vmperf-$$-$BATS_TEST_NUMBER
	cat >"$T/tmux.conf" <<-X
		set -g default-terminal "${TUI_TERM:-tmux-256color}"
		set -g escape-time 0
		set -g status off
		set -g mouse off
		set -g remain-on-exit on
	X
	rm -f "$T/status" "$T/before" "$T/after"
	cat >"$T/pane" <<-X
		stty -g >"$T/before"
		$2
		echo \$? >"$T/status.new"
		stty -g >"$T/after"
		mv "$T/status.new" "$T/status"
		echo "the command has ended"
		exec sleep 1000
	X
	env -i PATH="$PATH" HOME="${TUI_HOME:-$T/home}" SHELL=/bin/sh TZ=UTC LC_ALL="${TUI_LOCALE:-C.UTF-8}" \
		tmux -L "$TMUX_NAME" -f "$T/tmux.conf" new-session -d -x "${1%x*}" -y "${1#*x}" sh "$T/pane"
}

close_terminal() {
	[ -z "${TMUX_NAME:-}" ] || in_tmux kill-server 2>/dev/null || true
}

# typed KEY...: as tmux names them: Enter, Up, F1, q, …
typed() {
	in_tmux send-keys "$@"
}

# screen: what the terminal shows; coloured_screen: with its colours
screen() {
	in_tmux capture-pane -p
}

coloured_screen() {
	in_tmux capture-pane -pe
}

# until_screen TEST...: until TEST, which reads the screen, is true; what there is of it, else
until_screen() {
	local end=$((SECONDS + 30))

	until screen | "$@"; do
		if [ "$SECONDS" -ge "$end" ]; then
			echo "not seen: $*"
			screen
			return 1
		fi
		sleep 0.05
	done
}

# shows TEXT; shows_no TEXT: until the screen has it, or has it no more
shows() {
	until_screen grep -qF -- "$1"
}

has_no() {
	! grep -qF -- "$1"
}

shows_no() {
	until_screen has_no "$1"
}

# ended STATUS: until the command has ended; with this status, the terminal as it was
ended() {
	shows "the command has ended"
	[ "$(cat "$T/status")" = "$1" ] && cmp "$T/before" "$T/after"
}
