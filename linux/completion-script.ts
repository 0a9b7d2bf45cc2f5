export const COMPLETION_SHELLS = ['bash', 'zsh', 'fish'] as const;

export type CompletionShell = (typeof COMPLETION_SHELLS)[number];

/**
 * A script that asks `wslagent` what may come next, by yargs' own option for it. yargs answers in the way of the shell
 * that $SHELL names (words, `word:about` for zsh, word, tab, about for fish), so each script says which one it is.
 */
export function completionScript(shell: CompletionShell): string {
  return {bash: BASH, zsh: ZSH, fish: FISH}[shell];
}

const BASH = `# wslagent completion for bash, for ~/.bashrc: eval "$(wslagent completion bash)"
_wslagent() {
  local IFS=$'\\n'
  COMPREPLY=($(compgen -W "$(SHELL=bash wslagent --get-yargs-completions "\${COMP_WORDS[@]:0:COMP_CWORD+1}" 2>/dev/null)" \\
    -- "\${COMP_WORDS[COMP_CWORD]}"))
}
complete -o bashdefault -o default -F _wslagent wslagent
`;

const ZSH = `#compdef wslagent
# wslagent completion for zsh, for ~/.zshrc below compinit: eval "$(wslagent completion zsh)"
_wslagent() {
  local -a found
  found=("\${(@f)$(SHELL=zsh wslagent --get-yargs-completions "\${(@)words[1,CURRENT]}" 2>/dev/null)}")
  if [[ -n "\${found[1]}" ]]; then
    _describe wslagent found
  else
    _default
  fi
}
if [[ "\${zsh_eval_context[-1]}" == loadautofunc ]]; then
  _wslagent "$@"
else
  compdef _wslagent wslagent
fi
`;

const FISH = `# wslagent completion for fish: wslagent completion fish > ~/.config/fish/completions/wslagent.fish
function __wslagent_completions
    set -l words (commandline -opc) (commandline -ct)
    SHELL=fish wslagent --get-yargs-completions $words 2>/dev/null
end
complete -c wslagent -f -a '(__wslagent_completions)'
complete -c wslagent -n 'contains -- (commandline -opc)[-1] --listen --socket' -F
`;
