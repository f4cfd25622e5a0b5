// Addresses on the web, as people type them.

/** The address in its full form, or null when the text is none that a browser opens. */
export function webAddress(text: string): string | null {
  try {
    const { protocol, href } = new URL(text.trim());
    return protocol === 'https:' || protocol === 'http:' ? href : null;
  } catch {
    return null;
  }
}

/** Without the scheme and the last slash, as people say it; anything that is no web address stays as it is. */
export function spoken(address: string): string {
  return address.replace(/^https?:\/\//, '').replace(/\/$/, '');
}
