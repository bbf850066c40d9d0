/** What each cloth is and how to care for it: the last two sentences of every description. */
import type { Fabric } from './seed.types.ts'

export const fabrics: Record<Fabric, { cloth: string; care: string }> = {
  jersey: { cloth: '100% combed cotton jersey, 180 g.', care: 'Wash at 30°, dry in shade, iron inside out.' },
  slub: { cloth: 'Slub cotton jersey with an uneven, airy thread, 160 g.', care: 'Wash at 30°, dry flat, no bleach.' },
  organic: { cloth: 'Organic cotton jersey, 170 g, soft from the first wear.', care: 'Wash at 40°, tumble low, iron warm.' },
  pique: { cloth: 'Cotton piqué, 210 g, with a collar that keeps its shape.', care: 'Wash at 40°, dry on a hanger.' },
  poplin: { cloth: 'Cotton poplin, 120 g, crisp and cool.', care: 'Wash at 40°, iron while damp.' },
  linen: { cloth: '55% linen, 45% cotton: it creases, and should.', care: 'Wash at 30°, dry on a line, iron hot.' },
  wax: {
    cloth: 'Wax-print cotton, printed on both sides.',
    care: 'First wash alone in cold water with a little salt; then 30°, in shade.',
  },
  kanga: {
    cloth: 'Soft kanga cotton, sold as a doti: two matching pieces.',
    care: 'First wash alone in cold water; it softens every time.',
  },
  voile: { cloth: 'Light cotton voile with a cotton lining.', care: 'Hand wash cold, dry in shade, iron warm.' },
  twill: { cloth: '98% cotton twill, 2% elastane, 240 g.', care: 'Wash inside out at 30°, iron warm.' },
  fleece: { cloth: 'Brushed cotton fleece, 300 g, for Limuru mornings.', care: 'Wash inside out at 30°, do not iron the print.' },
  terry: { cloth: 'Cotton French terry, 260 g, looped inside.', care: 'Wash at 30°, dry flat.' },
  ripstop: { cloth: 'Ripstop cotton, 200 g: small tears stay small.', care: 'Wash at 40°, no softener.' },
  'quick-dry': { cloth: 'Recycled polyester mesh that dries in an hour.', care: 'Wash at 30°, no softener, do not iron.' },
}
