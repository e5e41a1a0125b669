/** Hands a drawing to the browser's downloads as a PNG. */
export function saveCanvas(canvas: HTMLCanvasElement, name: string): void {
  const anchor = document.createElement('a');
  anchor.href = canvas.toDataURL('image/png');
  anchor.download = name.replace(/[\\/:*?"<>|]/g, ' ');
  anchor.click();
}
