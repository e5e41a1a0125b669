interface Call {
  url: string;
  headers: { name: string; value: string }[];
  body: string;
}

/** A command for a POSIX shell that posts a body, each text quoted as it stands. */
export function curlCommand({ url, headers, body }: Call): string {
  const parts = [
    `curl -X POST ${quote(url)}`,
    ...headers.map(({ name, value }) => `-H ${quote(`${name}: ${value}`)}`),
    // Not --data: it would drop line breaks, and take a leading @ for a file's name.
    `--data-raw ${quote(body)}`,
  ];
  return parts.join(' \\\n  ');
}

function quote(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
