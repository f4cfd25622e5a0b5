// Pictures on the clipboard, as the journal takes them.

interface Picture {
  name: string;
  base64: string;
}

/** The pictures of a paste; none when it carries text too, which then belongs to the field (a copied cell, a web page). */
export function picturesOf(clipboard: DataTransfer | null): Promise<Picture>[] {
  if (!clipboard || clipboard.types.includes('text/plain')) return [];
  const files = [...clipboard.files].filter((file) => file.type.startsWith('image/'));
  return files.map(async (file) => ({ name: file.name || nameFor(file.type), base64: await base64Of(file) }));
}

function nameFor(type: string): string {
  const ending = type.split('/')[1]?.replace('jpeg', 'jpg').replace(/\+.*/u, '') ?? 'png';
  return `pasted.${ending}`;
}

/** Base64 by the engine itself; spreading megabytes over `btoa` would overflow the stack. */
function base64Of(file: Blob): Promise<string> {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(String(reader.result).replace(/^[^,]*,/u, ''));
    reader.onerror = () => reject(reader.error ?? new Error('unreadable'));
    reader.readAsDataURL(file);
  });
}
