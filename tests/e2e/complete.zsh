# SPDX-License-Identifier: GPL-2.0-only
# complete.zsh DIRECTORY < LINES: for each line what zsh offers at its end, as
# "LINE<tab>WORD" lines; a "|" at its end is left out.  DIRECTORY has _vmperf and
# nothing else.  A terminal of its own is needed, since only zle completes.
zmodload zsh/zpty
cat >$1/setup <<'end'
compadd() {
	case " ${@[1,(i)(-|--)]} " in
	*\ -[OAD]\ *) builtin compadd "$@"; return ;;
	esac
	local -a __hits
	builtin compadd -A __hits "$@"
	(( $#__hits )) && print -r -- "<hit>"${^__hits}"</hit>"
	builtin compadd "$@"
}
complete-and-tell() {
	zle complete-word
	print -r -- '<end>'
	BUFFER=
}
fpath=(${1} $fpath)
autoload -Uz compinit
compinit -u -D
zle -N complete-and-tell
bindkey '^I' complete-and-tell
PS1= PS2=
print '<ready>'
end
zpty -b z zsh -f -i
# its echo must not be taken for what it prints
zpty -w z "source ${(q)1}/setup ${(q)1}"
zpty -r z said '*<ready>*' || exit 1
while read -r line; do
	line=${line%|}
	zpty -w -n z "$line"$'\t'
	zpty -r z said '*<end>*' || exit 1
	for hit in ${(f)"$(print -r -- $said | grep -o '<hit>[^<]*</hit>')"}; do
		hit=${hit#<hit>}
		print -r -- "$line"$'\t'"${hit%</hit>}"
	done
done
zpty -d z
