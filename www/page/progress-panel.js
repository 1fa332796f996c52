import { byId, setText } from './dom.js';
import { formatBytes, formatTimeLeft } from './format.js';
import { Speedometer } from './speedometer.js';

const REFRESH = 500;

/** The progress of one background fetch: bar, bytes, speed and time left. */
export class ProgressPanel {
  #bar = byId('progress');
  #timer = 0;
  #stop = () => {};
  #speedometer = new Speedometer();
  #answers = true;

  /**
   * @param {BackgroundFetchRegistration} registration
   * @param {object} listeners
   * @param {() => void} listeners.onSettled called once, when it has a result
   * @param {() => void} listeners.onMoving called when bytes come although the server seemed not to answer
   */
  follow(registration, { onSettled, onMoving }) {
    this.hide();
    this.#speedometer.stop();
    const update = () => {
      this.#speedometer.read(registration.downloaded);
      const { bytesPerSecond } = this.#speedometer;
      this.#show(registration, bytesPerSecond);
      if (bytesPerSecond > 0 && !this.#answers) onMoving();
      if (registration.result === '') return;
      this.#stop();
      onSettled();
    };
    registration.addEventListener('progress', update);
    // Without the timer a broken line would show its last speed for ever.
    this.#timer = setInterval(update, REFRESH);
    this.#stop = () => {
      registration.removeEventListener('progress', update);
      clearInterval(this.#timer);
      this.#stop = () => {};
    };
    byId('progress-panel').hidden = false;
    update();
  }

  /** @param {boolean} answers whether the server does, so far as is known */
  set answers(answers) {
    this.#answers = answers;
    if (!answers) this.#speedometer.stop();
  }

  hide() {
    this.#stop();
    byId('progress-panel').hidden = true;
  }

  #show({ downloaded, downloadTotal }, bytesPerSecond) {
    const total = downloadTotal > 0 ? ` of ${formatBytes(downloadTotal)}` : '';
    if (downloadTotal > 0) {
      this.#bar.max = downloadTotal;
      this.#bar.value = downloaded;
      const percent = Math.floor((downloaded / downloadTotal) * 100);
      setText(byId('progress-percent'), `${percent} %`);
      this.#bar.dataset.percent = String(percent);
    } else {
      this.#bar.removeAttribute('value');
    }
    setText(byId('progress-bytes'), `${formatBytes(downloaded)}${total}`);
    // What was on its way when the line was cut is still being stored, and no speed of the line.
    const moving = bytesPerSecond > 0 && this.#answers;
    setText(
      byId('progress-speed'),
      moving
        ? `${formatBytes(Math.round(bytesPerSecond))}/s`
        : `0 B/s, waiting for ${this.#answers ? 'data' : 'the server'}`,
    );
    const left = downloadTotal > 0 && moving ? (downloadTotal - downloaded) / bytesPerSecond : Infinity;
    setText(byId('progress-left'), formatTimeLeft(left));
  }
}
