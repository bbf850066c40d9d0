import { formatDay, nairobiDay } from '../lib/time.ts'

/** When a parcel comes, as a date and not a speed: "Tue 24 Nov by 6 pm", "Tue 24 Nov to Thu 26 Nov by 6 pm". */
export const promiseText = (from: Date, to: Date): string =>
  `${nairobiDay(from) === nairobiDay(to) ? '' : `${formatDay(from)} to `}${formatDay(to)} by 6 pm`
