/** SYNTHETIC. Readiness views with invented numbers, for looking at the screen only. */

import indicators from '$schema/indicators.csv?raw';

import type { ClusterView, Dimension, Language, ReadinessView, Theme } from '../src/lib/api';

const NAMES: Record<Language, string[]> = {
  az: ['Şəmkir–Tovuz', 'Quba–Qusar–Xaçmaz'],
  en: ['Shamkir-Tovuz', 'Guba-Gusar-Khachmaz'],
  ru: ['Шамкир–Товуз', 'Губа–Гусар–Хачмаз'],
};
const QUOTES: Record<Language, string[]> = {
  az: ['Axşam internet tamam donur, uşaqlar dərsə qoşula bilmir.', 'Bank rayonda, girov istəyir, bizim də girovumuz yoxdur.'],
  en: ['In the evening the internet freezes and the children cannot join the lesson.', 'The bank is in the rayon centre and asks for collateral that we do not have.'],
  ru: ['Вечером интернет совсем зависает, дети не могут подключиться к уроку.', 'Банк в райцентре и просит залог, а у нас его нет.'],
};
const HELP: Record<Language, string> = {
  az: 'Maliyyəyə çıxış: kəndə yaxın xidmət, əmanət, girovsuz kreditlər; az müəssisə olan yerdə sahibkarlıq bacarıqları və bazar məlumatı.',
  en: 'Access to finance: services near the village, savings, loans without collateral; business skills and market information where enterprises are few.',
  ru: 'Доступ к финансам: услуги рядом с селом, сбережения, кредиты без залога; деловые навыки и рыночная информация там, где мало предприятий.',
};

export function clustersIn(language: Language): ClusterView[] {
  return NAMES[language].map((name, index) => ({
    cluster: index === 0 ? 'shamkir-tovuz' : 'guba-gusar-khachmaz',
    name,
    rayons: index === 0 ? ['AZ-SKR', 'AZ-TOV'] : ['AZ-QBA', 'AZ-QUS', 'AZ-XAC'],
    population: 398_000 - index * 21_000,
    villages: 214 - index * 40,
    villages_visited: 3 - 3 * index,
  }));
}

export function fakeReadiness(language: Language, cluster: string | null, interviews: number, examples: number): ReadinessView {
  const clusters = clustersIn(language);
  const chosen = clusters.find((each) => each.cluster === cluster) ?? clusters[0]!;
  const heard = interviews > 0 && chosen === clusters[0];
  const rows = indicators.trim().split('\n').slice(1).map((line) => line.split(','));
  const spans: [Dimension, number, number][] = [
    ['economic_sources', 1, 14],
    ['infrastructure', 15, 35],
    ['human_capital', 36, 45],
    ['economic_potential', 46, 51],
    ['governance', 52, 53],
  ];
  const data: Record<Dimension, { value: number; position: number } | null> = {
    economic_sources: { value: 41.7, position: 68 },
    infrastructure: null,
    human_capital: { value: 52.3, position: 57 },
    economic_potential: { value: 23.9, position: 31 },
    governance: null,
  };
  const voices: Record<Dimension, number | null> = {
    economic_sources: 44,
    infrastructure: 33,
    human_capital: 52,
    economic_potential: 18,
    governance: null,
  };
  const themes: Theme[] = ['digital', 'governance', 'agriculture', 'tourism', 'finance', 'transport', 'utilities', 'education', 'health'];
  return {
    cluster: chosen,
    clusters,
    partial: { indicators_present: 4, indicators_total: 53, dimensions_without_data: ['infrastructure', 'governance'] },
    synthetic: true,
    cells: false,
    class_frequencies: [],
    years: 3,
    interviews: heard ? interviews : 0,
    focus_groups: heard ? Math.ceil(interviews / 2) : 0,
    examples: heard ? examples : 0,
    data: { value: 44.8, class: 'accelerate_high', thresholds: [22.4, 31.9, 39.7, 51.2] },
    merged: {
      value: heard ? 38.6 : 44.8,
      se: 3.8,
      class: heard ? 'accelerate_medium' : 'accelerate_high',
      range_low: heard ? 32.4 : 38.1,
      range_high: heard ? 44.9 : 51.5,
      range_classes: heard ? ['accelerate_medium', 'accelerate_high'] : ['accelerate_medium', 'accelerate_high', 'amplify'],
      probabilities: [0.0, 0.034, 0.541, 0.42, 0.005],
      provisional: !heard || interviews < 2,
    },
    dimensions: spans.map(([dimension, from, to]) => {
      const known = data[dimension];
      const voice = heard ? voices[dimension] : null;
      return {
        dimension,
        value: known?.value ?? null,
        class: known ? (known.position > 60 ? 'accelerate_high' : known.position > 40 ? 'accelerate_medium' : 'accelerate_low') : null,
        position: known?.position ?? null,
        position_sd: known ? 7 : null,
        voices: voice === null ? null : { position: voice, sd: 10.5, weight: known ? 0.24 : 0 },
        merged_position: known ? (voice === null ? known.position : known.position * 0.76 + voice * 0.24) : null,
        merged_sd: known ? 8 : null,
        merged: known ? known.value - (voice === null ? 0 : 3.1) : null,
        relation: voice === null || !known ? 'silent' : Math.abs(voice - known.position) <= 10 ? 'confirm' : dimension === 'economic_potential' ? 'inconclusive' : 'qual-lower',
        coverage: voice === null ? 0.2 : 0.9,
        indicators: rows
          .filter((row) => Number(row[0]) >= from && Number(row[0]) <= to)
          .map((row) => {
            const present = [2, 4, 44, 48].includes(Number(row[0]));
            return {
              row: Number(row[0]),
              name: row[5] ?? '',
              value: present ? 12.4 + Number(row[0]) : null,
              unit: present ? '% / 1000' : '',
              score: present ? 38 : null,
              norm: present ? 46 : null,
              period: present ? '2023' : null,
              source: present ? 'State Statistical Committee' : null,
            };
          }),
      };
    }),
    themes: themes.map((theme, index) => ({
      theme,
      position: heard && theme !== 'tourism' ? 18 + ((index * 13) % 55) : null,
      sd: heard && theme !== 'tourism' ? 9 : null,
      villages: heard && theme !== 'tourism' ? 3 : 0,
      fgd: heard && theme !== 'tourism' ? 3 : 0,
      kii: heard && theme !== 'tourism' ? 2 : 0,
      tags: heard && theme !== 'tourism' ? [{ tag: 'need', interviews: 3 }, { tag: 'constraint', interviews: 2 }, { tag: 'demand', interviews: 1 }] : [],
      quotes: heard && (theme === 'digital' || theme === 'finance') ? [{ text: QUOTES[language][theme === 'digital' ? 0 : 1]!, village_name: 'Dondar Quşçu', kind: 'fgd' }] : [],
    })),
    gaps: ['economic_potential', 'human_capital'],
    interventions: [
      { intervention: 'value_chains', dimension: 'economic_potential', text: HELP[language], source: 'Table 6', typical: false },
      { intervention: 'transport_links', dimension: 'human_capital', text: HELP[language], source: 'Table 6', typical: true },
    ],
    lambda_table: [0, 0.25, 0.5, 0.75, 1].map((lambda) => ({ lambda, value: 44.8 - lambda * 12.4, class: lambda < 0.4 ? 'accelerate_high' : 'accelerate_medium' })),
    fingerprint: '7f3c-synthetic-0b1d-94aa',
  };
}
