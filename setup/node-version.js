// @ts-check
// Written in plain old syntax: this file must load where the others do not even parse.

const version = process.versions.node.split('.').map(Number);
const major = version[0] || 0;
const minor = version[1] || 0;

if (major < 20 || (major === 20 && minor < 19)) {
  console.error(
    `✖ Node 20.19 or newer is needed; this is ${process.versions.node}.\n` +
      '  Install a newer one: with a version manager (nvm install 24), from nodejs.org,\n' +
      '  or with sudo apt-get install nodejs npm on Debian 13, Ubuntu 25.10 and later.',
  );
  process.exit(2);
}
