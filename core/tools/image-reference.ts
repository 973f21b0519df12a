/** The tag of an image reference; `latest` where it has none, also in front of a digest. */
export function imageTag(image: string): string {
  const name = image.slice(image.lastIndexOf('/') + 1);
  const [tagged = ''] = name.split('@');
  const colon = tagged.indexOf(':');
  return colon < 0 ? 'latest' : tagged.slice(colon + 1);
}
