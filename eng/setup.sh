# Shared by ./run, ./test, ./bench and ./portability: builds, and brings what they need to a machine that has only the .NET SDK and Node.
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1

# npm tools (Azurite and what tests read files with), once for each state of the lock file.
need_node_tools() {
  local stamp=node_modules/.portability-lock
  command -v npm >/dev/null || { echo "Node and npm are needed: install Node 20 or later." >&2; return 1; }
  if ! cmp -s package-lock.json "$stamp"; then
    echo "Installing the npm tools ..."
    npm ci --no-audit --no-fund --loglevel=error
    cp package-lock.json "$stamp"
  fi
}

# Commands of the system, from Debian's packages where they are missing and apt-get is there.
need_commands() {
  local missing=() c
  for c in "$@"; do have_command "$c" || missing+=("$(package_of "$c")"); done
  [ ${#missing[@]} -gt 0 ] || return 0
  if command -v apt-get >/dev/null && [ "$(id -u)" -eq 0 ]; then
    echo "Installing ${missing[*]} ..."
    { apt-get install -y -qq "${missing[@]}" || { apt-get update -qq && apt-get install -y -qq "${missing[@]}"; }; } >/dev/null 2>&1 || true
  fi
  for c in "$@"; do
    have_command "$c" || { echo "'$c' is needed: install it (Debian package: $(package_of "$c"))." >&2; return 1; }
  done
}

# Builds projects or a solution for release. One compiler serves them all, so that it and the analyzers are started once; and it
# is not measured for a longer life than it has (tiered PGO), which took about as long as the build itself.
build() {
  local what status=0
  for what in "$@"; do
    DOTNET_TieredPGO=0 dotnet build "$what" -c Release --nologo -v quiet -clp:NoSummary -p:UseSharedCompilation=true || { status=1; break; }
  done
  dotnet build-server shutdown --vbcscompiler >/dev/null || true
  return "$status"
}

# Debian keeps the programs of a PostgreSQL server outside PATH.
have_command() {
  command -v "$1" >/dev/null || compgen -G "/usr/lib/postgresql/*/bin/$1" >/dev/null
}

package_of() {
  case "$1" in
    sha256sum) echo coreutils ;;
    initdb | postgres) echo postgresql ;;
    psql) echo postgresql-client ;;
    xmllint) echo libxml2-utils ;;
    pdftotext | pdffonts | pdfinfo) echo poppler-utils ;;
    *) echo "$1" ;;
  esac
}
