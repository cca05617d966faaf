/** Short words at the edge of the screen about what just happened, with a way to take it back where there is one. */

export interface Toast {
  id: number;
  text: string;
  urgent: boolean;
  action: { label: string; run: () => void } | null;
}

const SHOWN_MS = 7000;

export class Toasts {
  list = $state.raw<readonly Toast[]>([]);
  #next = 1;

  say(text: string, options: { urgent?: boolean; action?: Toast['action'] } = {}): void {
    const toast: Toast = { id: this.#next++, text, urgent: options.urgent ?? false, action: options.action ?? null };
    // One at a time is enough to read; only what is urgent stays until it is closed.
    this.list = [...this.list.filter((each) => each.urgent && each.text !== text), toast];
    if (!toast.urgent) setTimeout(() => { this.dismiss(toast.id); }, SHOWN_MS);
  }

  /** What was said in another language goes; what is urgent stays until it is closed. */
  changeLanguage(): void {
    this.list = this.list.filter((toast) => toast.urgent);
  }

  dismiss(id: number): void {
    this.list = this.list.filter((toast) => toast.id !== id);
  }
}
