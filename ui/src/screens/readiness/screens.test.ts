import { fireEvent, screen, waitFor, within } from '@testing-library/svelte';
import { expect, it } from 'vitest';

import { kendOver, settle, show } from '../../../tests/kend';
import { KendError } from '../../lib/api';
import ReadinessScreen from './ReadinessScreen.svelte';

const CLUSTER = 'synthetic-a';
async function open(path: string[], options: { cells?: boolean } = {}) {
  const { core, kend } = await kendOver({ cells: true, language: 'en', ...options });
  show(kend, ReadinessScreen, { cluster: CLUSTER, path });
  await screen.findByTestId('sections');
  return { core, kend };
}

it('an indicator that is moved shows at once what it does, and a reset takes it back', async () => {
  const { core } = await open(['indicators', 'economic_potential']);
  const field = await screen.findByTestId('try-48-number');
  await fireEvent.change(field, { target: { value: '200' } });
  await waitFor(() => { expect(Number(screen.getByTestId('result').dataset.index)).toBeGreaterThan(53.5); });
  const asked = core.calls.filter(({ method }) => method === 'calculateWhatIf');
  expect(asked.map(({ request }) => request)).toEqual([{ cluster: CLUSTER, changes: [{ row: 48, zone: null, value: 200, place: null }], cells: false }]);
  expect(screen.getByTestId('indicator-48').textContent).toMatch(/Score: \d+ → 80/u);
  await fireEvent.click(screen.getByTestId('try-reset'));
  await waitFor(() => { expect(screen.getByTestId('result').dataset.changes).toBe('0'); });
});

it('a number that is none or beyond the scale changes nothing and says what fits', async () => {
  const { core } = await open(['indicators', 'economic_potential']);
  const field = await screen.findByTestId('try-48-number');
  for (const text of ['many', '9000']) {
    await fireEvent.change(field, { target: { value: text } });
    expect(field.getAttribute('aria-invalid')).toBe('true');
  }
  expect(core.calls.some(({ method }) => method === 'calculateWhatIf')).toBe(false);
});

it('what neither village nor rayon can change has no slider and says so', async () => {
  await open(['indicators', 'infrastructure']);
  await screen.findByTestId('try-16');
  expect(screen.queryByTestId('try-35')).toBeNull();
  expect(screen.getByTestId('indicator-35').textContent).toContain('Neither a village nor a rayon');
});

it('a plan that is tried stands in the what-if with its raw values', async () => {
  const { core, kend } = await open(['lift']);
  const plan = await screen.findByTestId('plan');
  await fireEvent.click(within(plan).getByTestId('plan-try'));
  await waitFor(() => { expect(core.calls.some(({ method }) => method === 'calculateWhatIf')).toBe(true); });
  const request = core.calls.find(({ method }) => method === 'calculateWhatIf')!.request as { changes: { row: number; value: number }[] };
  expect(request.changes[0]!.row).toBe(52);
  expect(request.changes[0]!.value).toBeCloseTo(0.1571, 4);
  expect(kend.router.route.path).toEqual(['indicators', 'governance']);
});

it('when nothing is enough it says how far all of it gets, and the highest class has nothing above it', async () => {
  const { core, kend } = await kendOver({ cells: true, language: 'en' });
  const ask = core.liftCluster;
  core.liftCluster = async (request) => {
    const lift = await ask(request);
    return { ...lift, sets: [], cheapest: { ...lift.cheapest!, enough: false, index: 53.9 } };
  };
  const { unmount } = show(kend, ReadinessScreen, { cluster: CLUSTER, path: ['lift'] });
  expect((await screen.findByTestId('plan')).dataset.enough).toBe('false');
  expect(screen.getByTestId('lift').textContent).toContain('All that can be raised gets to 53.9 only.');
  unmount();
  core.liftCluster = async (request) => ({ ...(await ask(request)), class: 'amplify', next: null, threshold: null, cheapest: null, sets: [] });
  show(kend, ReadinessScreen, { cluster: CLUSTER, path: ['lift'] });
  expect(await screen.findByText(/in the highest class already/u)).toBeTruthy();
});

it('a pack without cells says so kindly on every screen that needs them, and what to do', async () => {
  for (const path of [['indicators', 'governance'], ['lift'], ['gaps'], ['sector'], ['map']]) {
    const { core, kend } = await kendOver({ interviews: 6, language: 'en' });
    const { unmount } = show(kend, ReadinessScreen, { cluster: null, path });
    expect((await screen.findByTestId('no-cells')).textContent).toContain('Get a newer pack');
    expect(core.calls.some(({ method }) => method === 'readReadiness')).toBe(true);
    unmount();
  }
});

it('the map says in words and in a table what it shows, and lists its places', async () => {
  await open(['map']);
  const figure = await screen.findByTestId('map');
  expect(figure.textContent).toContain('of the area is in the class “Accelerate-high”');
  expect(within(screen.getByTestId('map-table')).getAllByRole('row')).toHaveLength(6);
  const places = within(screen.getByTestId('map-choose')).getAllByRole('option');
  expect(places.length).toBeGreaterThan(10);
  await fireEvent.change(screen.getByTestId('map-choose'), { target: { value: (places[1] as HTMLOptionElement).value } });
  expect(screen.getByTestId('map-chosen')).toBeTruthy();
});

it('the comparison is filtered, turned and opened', async () => {
  const { kend } = await open(['compare']);
  const names = () => [...screen.getByTestId('compare-rows').querySelectorAll('article')].map((each) => each.dataset.testid);
  await screen.findByTestId('compare-rows');
  expect(names()[0]).toBe('row-AZ-SY1');
  await fireEvent.change(screen.getByTestId('compare-kind'), { target: { value: 'cluster' } });
  expect(names()).toEqual(['row-synthetic-a', 'row-synthetic-b']);
  await fireEvent.click(screen.getByTestId('compare-turn'));
  expect(names()).toEqual(['row-synthetic-b', 'row-synthetic-a']);
  await fireEvent.click(within(screen.getByTestId('row-synthetic-b')).getByRole('button'));
  expect(kend.router.route.path).toEqual(['compare', 'synthetic-b']);
});

it('a fresh status asks for nothing again, another language does', async () => {
  const { core, kend } = await open(['map']);
  const asked = () => core.calls.filter(({ method }) => method === 'readReadiness').length;
  await kend.session.refresh();
  await settle();
  expect(asked()).toBe(1);
  await kend.session.setLanguage('az');
  await waitFor(() => { expect(asked()).toBe(2); });
});

it('maps of the comparison that can not be read are no silence: the list stays, and the session hears why', async () => {
  const { core, kend } = await kendOver({ cells: true, language: 'en' });
  core.failing.set('readMap', new KendError('locked'));
  const before = core.calls.filter(({ method }) => method === 'status').length;
  show(kend, ReadinessScreen, { cluster: CLUSTER, path: ['compare'] });
  await screen.findByTestId('compare-rows');
  await waitFor(() => { expect(core.calls.filter(({ method }) => method === 'status')).toHaveLength(before + 1); });
});

it('what goes wrong with a place, a trial or the peers is said, and the session hears that the store is locked', async () => {
  Object.defineProperty(navigator, 'geolocation', {
    configurable: true,
    value: { getCurrentPosition: (found: (at: unknown) => void) => { found({ coords: { latitude: 40.8, longitude: 46.0 } }); } },
  });
  for (const path of [['map'], ['compare']]) {
    const { core, kend } = await kendOver({ cells: true, language: 'en' });
    const { unmount } = show(kend, ReadinessScreen, { cluster: CLUSTER, path });
    const button = await screen.findByTestId('find-mine');
    core.failing.set('locateCluster', new KendError('locked'));
    const before = core.calls.filter(({ method }) => method === 'status').length;
    await fireEvent.click(button);
    await waitFor(() => { expect(kend.toasts.list.map(({ text }) => text)).toEqual([expect.stringContaining('The store is locked')]); });
    expect(core.calls.filter(({ method }) => method === 'status')).toHaveLength(before + 1);
    unmount();
  }
  Reflect.deleteProperty(navigator, 'geolocation');

  const { core, kend } = await kendOver({ cells: true, language: 'en' });
  core.failing.set('readPeers', new KendError('disk_refused'));
  show(kend, ReadinessScreen, { cluster: CLUSTER, path: ['indicators', 'economic_potential'] });
  expect((await screen.findByTestId('error')).dataset.code).toBe('disk_refused');
  core.failing.set('calculateWhatIf', new KendError('locked'));
  const before = core.calls.filter(({ method }) => method === 'status').length;
  await fireEvent.change(await screen.findByTestId('try-48-number'), { target: { value: '200' } });
  await waitFor(() => { expect(core.calls.filter(({ method }) => method === 'status')).toHaveLength(before + 1); });
});

it('made-up numbers say that they are, on every screen', async () => {
  for (const path of [['indicators', 'governance'], ['lift'], ['gaps'], ['map'], ['profile'], ['sector'], ['compare']]) {
    const { kend } = await kendOver({ cells: true, language: 'en' });
    const { unmount } = show(kend, ReadinessScreen, { cluster: CLUSTER, path });
    expect((await screen.findByTestId('synthetic')).textContent).toContain('invented');
    unmount();
  }
});

it('the sector view follows the choice of crops', async () => {
  const { core } = await open(['sector']);
  await fireEvent.click(await screen.findByTestId('crop-grapes'));
  await waitFor(() => { expect(core.calls.at(-1)).toEqual({ method: 'readSector', request: { cluster: CLUSTER, crops: ['grapes'] } }); });
  await waitFor(() => { expect(screen.getByTestId('sector-table').textContent).not.toContain('tomatoes'); });
});

it('a clinic is put on the map by keys or by a button, shows what it does, and is taken away again', async () => {
  const { core } = await open(['indicators', 'human_capital']);
  await fireEvent.click(await screen.findByTestId('place-43'));
  expect(screen.queryByTestId('try-43')).toBeNull();
  const map = await within(screen.getByTestId('new-places-43')).findByTestId('map');
  const ground = within(map).getByRole('application');
  await fireEvent.keyDown(ground, { key: 'ArrowRight' });
  await fireEvent.keyDown(ground, { key: 'Enter' });
  await fireEvent.click(screen.getByTestId('put'));
  await waitFor(() => { expect(screen.getByTestId('result').dataset.changes).toBe('2'); });
  await waitFor(() => { expect(screen.getByTestId('risen').textContent).toContain('km²'); });
  const asked = core.calls.filter(({ method }) => method === 'calculateWhatIf').at(-1)!.request as { cells: boolean; changes: { row: number; value: number | null; place: { x_m: number; radius_km: number | null } | null }[] };
  expect(asked.cells).toBe(true);
  expect(asked.changes.map(({ row, value, place }) => [row, value, place?.radius_km])).toEqual([[43, null, null], [43, null, null]]);
  expect(screen.getByTestId('new-places-43').textContent).toMatch(/2\. clinic, near Synthetic village/u);
  await fireEvent.click(screen.getByTestId('remove-43-1'));
  await fireEvent.click(screen.getByTestId('remove-43-0'));
  await waitFor(() => { expect(screen.getByTestId('result').dataset.changes).toBe('0'); });
  await fireEvent.click(screen.getByTestId('try-undo'));
  expect(await screen.findByTestId('remove-43-0')).toBeTruthy();
  await fireEvent.keyDown(ground, { key: 'Escape' });
  await waitFor(() => { expect(screen.queryByTestId('put')).toBeNull(); });
});

it('one map is open at a time, masts say how far they reach, and a refusal is told', async () => {
  const { core } = await open(['indicators', 'infrastructure']);
  await fireEvent.click(await screen.findByTestId('place-20'));
  await fireEvent.click(await screen.findByTestId('put'));
  await fireEvent.change(screen.getByTestId('reach-20-number'), { target: { value: '8' } });
  await waitFor(() => {
    const asked = core.calls.filter(({ method }) => method === 'calculateWhatIf').at(-1)?.request as { changes: { place: { radius_km: number } }[] } | undefined;
    expect(asked?.changes[0]?.place.radius_km).toBe(8);
  });
  expect(screen.getByTestId('new-places-20').textContent).toContain('8 km');
  await fireEvent.click(screen.getByTestId('place-17'));
  await waitFor(() => { expect(screen.queryByTestId('reach-20')).toBeNull(); });
  core.failing.set('calculateWhatIf', new KendError('place_blocked'));
  await fireEvent.click(await screen.findByTestId('put'));
  expect(await within(screen.getByTestId('result')).findByText(/Nobody gets to this place/u)).toBeTruthy();
});
