/** The microphone of this place. What records and what it is told are kept apart, so that the recorder is tested without one. */

/** Why nothing is recorded. */
export type NoSound = 'no_recorder' | 'no_microphone' | 'not_allowed';

/** Sound on its way. */
export interface Take {
  /** With what follows a semicolon, as the recorder says it. */
  readonly media_type: string;
  begin(): void;
  pause(): void;
  resume(): void;
  /** Ends it; the last piece came when this resolves. */
  stop(): Promise<void>;
  /** How loud it is now, 0 to 1. */
  level(): number;
}

export interface Microphone {
  /** Whether this window records at all. */
  readonly records: boolean;
  /** Opens it, and records nothing yet; throws a `NoSound`. */
  open(bits_per_second: number, piece: (bytes: Uint8Array) => void, ended: () => void): Promise<Take>;
}

/** A piece comes so often: what a kill costs at most. */
const PIECE_MS = 1000;
/** What recorders make of speech, best first: the same sound in each, in the container that this one knows. */
const MEDIA_TYPES = ['audio/ogg;codecs=opus', 'audio/webm;codecs=opus', 'audio/mp4', 'audio/webm', 'audio/ogg'];
/** Louder than this fills the meter: speech at arm's length. */
const LOUD = 0.3;

export class PageMicrophone implements Microphone {
  get records(): boolean {
    return typeof MediaRecorder === 'function' && typeof navigator.mediaDevices?.getUserMedia === 'function';
  }

  async open(bits_per_second: number, piece: (bytes: Uint8Array) => void, ended: () => void): Promise<Take> {
    if (!this.records) throw 'no_recorder' satisfies NoSound;
    const stream = await openStream();
    const media_type = MEDIA_TYPES.find((type) => MediaRecorder.isTypeSupported(type));
    const recorder = new MediaRecorder(stream, {
      audioBitsPerSecond: bits_per_second,
      ...(media_type === undefined ? {} : { mimeType: media_type }),
    });
    const meter = new Meter(stream);
    // Pieces are read one after the other: each becomes bytes later than it comes.
    let reading: Promise<void> = Promise.resolve();
    recorder.ondataavailable = (event) => {
      reading = reading.then(async () => {
        const bytes = new Uint8Array(await event.data.arrayBuffer());
        if (bytes.length > 0) piece(bytes);
      });
    };
    let stopping = false;
    const stopped = new Promise<void>((resolve) => {
      recorder.onstop = () => {
        for (const track of stream.getTracks()) track.stop();
        meter.close();
        void reading.then(resolve);
        if (!stopping) void reading.then(ended);
      };
    });
    return {
      get media_type() {
        return recorder.mimeType;
      },
      begin: () => { recorder.start(PIECE_MS); },
      pause: () => { recorder.pause(); },
      resume: () => { recorder.resume(); },
      stop: () => {
        stopping = true;
        if (recorder.state === 'inactive') {
          for (const track of stream.getTracks()) track.stop();
          meter.close();
          return reading;
        }
        recorder.stop();
        return stopped;
      },
      level: () => meter.level(),
    };
  }
}

async function openStream(): Promise<MediaStream> {
  try {
    return await navigator.mediaDevices.getUserMedia({
      audio: { channelCount: 1, echoCancellation: false, noiseSuppression: true, autoGainControl: true },
    });
  } catch (thrown) {
    // WebKit says that there is none by an error that is no DOMException.
    const name = typeof thrown === 'object' && thrown !== null && 'name' in thrown ? thrown.name : '';
    const missing = name === 'NotFoundError' || name === 'OverconstrainedError' || name === 'NotReadableError';
    throw (missing ? 'no_microphone' : 'not_allowed') satisfies NoSound;
  }
}

/** How loud a stream is. */
class Meter {
  readonly #context: AudioContext;
  readonly #analyser: AnalyserNode;
  readonly #samples: Float32Array<ArrayBuffer>;

  constructor(stream: MediaStream) {
    this.#context = new AudioContext();
    this.#analyser = this.#context.createAnalyser();
    this.#analyser.fftSize = 1024;
    this.#context.createMediaStreamSource(stream).connect(this.#analyser);
    this.#samples = new Float32Array(this.#analyser.fftSize);
  }

  level(): number {
    this.#analyser.getFloatTimeDomainData(this.#samples);
    const mean = this.#samples.reduce((sum, sample) => sum + sample * sample, 0) / this.#samples.length;
    return Math.min(1, Math.sqrt(mean) / LOUD);
  }

  close(): void {
    void this.#context.close();
  }
}
