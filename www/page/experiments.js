/**
 * @typedef {object} Context
 * @property {() => Promise<boolean>} answers whether the server does
 * @property {() => string} otherOrigin where the same assets are of another origin
 * @property {object} series the contents of series.json
 *
 * @typedef {object} Experiment
 * @property {string} id
 * @property {string} title
 * @property {string} text what the button does
 * @property {string} lesson what the outcome shows
 * @property {(manager: BackgroundFetchManager, id: string, context: Context) => Promise<Error | void>} run starts it;
 *   gives an error that is part of the experiment, throws any other
 */

const sizeOf = ({ files }, url) => files.find((file) => file.url === url).size;

/** Slow enough to be caught on the way, whatever the line's speed. */
const SLOW = '?throttle=700000';

async function abortOnTheWay(registration) {
  const moving = new Promise((resolve) => registration.addEventListener('progress', resolve, { once: true }));
  const patience = new Promise((resolve) => setTimeout(resolve, 1500));
  await Promise.race([moving, patience]);
  await registration.abort();
}

/** @type {Experiment[]} */
export const experiments = [
  {
    id: 'wrong-url',
    title: 'A wrong address',
    text: 'Two good pictures, and between them one that the server does not have.',
    lesson: 'One 404 does not take the others along: what arrived can be stored.',
    run: async (manager, id) => {
      await manager.fetch(id, ['/assets/dawn.png', '/assets/no-such-file.png', '/assets/night.png'], {
        title: 'A wrong address',
      });
    },
  },
  {
    id: 'no-cors',
    title: 'Another origin without CORS',
    text: 'A picture of this site and one of another origin that does not permit its use.',
    lesson: 'Without CORS the bytes of another origin stay out of reach.',
    run: async (manager, id, { otherOrigin }) => {
      await manager.fetch(id, ['/assets/noon.png', `${otherOrigin()}/no-cors/assets/dusk.png`], {
        title: 'No CORS',
      });
    },
  },
  {
    id: 'cors',
    title: 'Another origin with CORS',
    text: 'The same pictures, but the other origin allows it.',
    lesson: 'With CORS another origin is as good as one’s own.',
    run: async (manager, id, { otherOrigin }) => {
      await manager.fetch(id, ['/assets/noon.png', `${otherOrigin()}/cors/assets/dusk.png`], {
        title: 'CORS',
      });
    },
  },
  {
    id: 'too-small-total',
    title: 'More bytes than announced',
    text: 'Two pictures, but downloadTotal is the size of the first one only.',
    lesson: 'downloadTotal is a guard: past it everything stops at once, and nothing is stored.',
    run: async (manager, id, { series }) => {
      const downloadTotal = sizeOf(series, '/assets/dawn.png');
      const urls = [`/assets/dawn.png${SLOW}`, `/assets/noon.png${SLOW}`];
      await manager.fetch(id, urls, { title: 'Too much', downloadTotal });
    },
  },
  {
    id: 'abort',
    title: 'Abort on the way',
    text: 'Starts the long piece of music and changes its mind.',
    lesson: 'After an abort the worker stores nothing.',
    run: async (manager, id) => {
      await abortOnTheWay(await manager.fetch(id, `/assets/long-way-round.wav${SLOW}`, { title: 'Abort' }));
    },
  },
  {
    id: 'same-id',
    title: 'The same id twice',
    text: 'Starts a second background fetch with the id of a running one.',
    lesson: 'The second one is refused; the first one goes on undisturbed.',
    run: async (manager, id) => {
      await manager.fetch(id, `/assets/dusk.png${SLOW}`, { title: 'The first of two' });
      return manager.fetch(id, '/assets/noon.png', { title: 'The second of two' }).then(
        () => undefined,
        (error) => error,
      );
    },
  },
];
