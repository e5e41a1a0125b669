import { execFileSync } from 'node:child_process';
import { expect, it } from 'vitest';
import { curlCommand } from './curl';

it('survives the shell with every character', () => {
  const body = `@a 'quoted' "b" $HOME \`date\` \\ \n<xml><![CDATA[表情 😀]]></xml>\n`;
  const command = curlCommand({
    url: "http://localhost:8000/a?b=1&c='",
    headers: [{ name: 'X-Event', value: "it's" }],
    body,
  });
  // The shell's own words, each ended by a NUL, instead of a call.
  const words = execFileSync('sh', ['-c', command.replace(/^curl/, "printf '%s\\0'")])
    .toString()
    .split('\0');
  expect(words).toEqual([
    '-X',
    'POST',
    "http://localhost:8000/a?b=1&c='",
    '-H',
    "X-Event: it's",
    '--data-raw',
    body,
    '',
  ]);
});
