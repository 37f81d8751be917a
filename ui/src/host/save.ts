/** Offers bytes to the user as a file. */
export function saveBlob(blob: Blob, name: string): void {
  const address = URL.createObjectURL(blob);
  const link = document.createElement("a");
  link.href = address;
  link.download = name;
  document.body.append(link);
  link.click();
  link.remove();
  // The download has taken its own reference by then.
  setTimeout(() => URL.revokeObjectURL(address), 60_000);
}
