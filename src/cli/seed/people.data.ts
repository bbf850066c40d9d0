/** Demo people, one set for every role. Their names, numbers and addresses are invented. */
import type { SeedPerson, SeedVendor } from './seed.types.ts'

export { demoPassword } from '../../domain/accounts/demo-account.queries.ts'

export const vendors: readonly SeedVendor[] = [
  {
    slug: 'kariokor-cloth-house',
    name: 'Kariokor Cloth House',
    town: 'Nairobi',
    commissionBasisPoints: 1_000,
    skuPrefix: 'KCH',
    story: 'Eleven tailors behind Kariokor market, cutting shirts and trousers since 1994. They measure twice.',
  },
  {
    slug: 'pwani-prints',
    name: 'Pwani Prints',
    town: 'Mombasa',
    commissionBasisPoints: 1_200,
    skuPrefix: 'PWP',
    story: 'Kanga and kitenge from Biashara Street, printed in small runs. The sayings are chosen by three sisters.',
  },
  {
    slug: 'nyanza-knit-house',
    name: 'Nyanza Knit House',
    town: 'Kisumu',
    commissionBasisPoints: 900,
    skuPrefix: 'NKH',
    story: 'Jersey knitted and sewn by the lake, for grown-ups and for children who climb trees.',
  },
  {
    slug: 'rift-runners',
    name: 'Rift Runners',
    town: 'Eldoret',
    commissionBasisPoints: 1_500,
    skuPrefix: 'RFT',
    story: 'Running clothes tested at 2,100 metres by the people who train there before sunrise.',
  },
]

export const people: readonly SeedPerson[] = [
  { role: 'admin', name: 'Amina Rahim', email: 'admin@example.co.ke', phone: '+254712000001' },
  { role: 'support', name: 'Brian Otieno', email: 'support@example.co.ke', phone: '+254712000002' },
  {
    role: 'vendor-owner',
    name: 'Josephine Wambui',
    email: 'kariokor@example.co.ke',
    phone: '+254712000011',
    vendorSlug: 'kariokor-cloth-house',
  },
  { role: 'vendor-owner', name: 'Mwanaisha Bakari', email: 'pwani@example.co.ke', phone: '+254712000012', vendorSlug: 'pwani-prints' },
  { role: 'vendor-owner', name: 'Akinyi Odhiambo', email: 'nyanza@example.co.ke', phone: '+254712000013', vendorSlug: 'nyanza-knit-house' },
  { role: 'vendor-owner', name: 'Kiprop Cheruiyot', email: 'rift@example.co.ke', phone: '+254712000014', vendorSlug: 'rift-runners' },
  {
    role: 'vendor-staff',
    name: 'Salim Juma',
    email: 'pwani.staff@example.co.ke',
    phone: '+254712000015',
    vendorSlug: 'pwani-prints',
    scopes: ['catalog', 'orders'],
  },
  {
    role: 'driver',
    name: 'Dennis Mwangi',
    email: 'dennis@example.co.ke',
    phone: '+254722000021',
    vehicle: 'motorbike',
    plate: 'KMFA 214B',
  },
  {
    role: 'driver',
    name: 'Fatuma Hassan',
    email: 'fatuma@example.co.ke',
    phone: '+254722000022',
    vehicle: 'motorbike',
    plate: 'KMGC 580L',
  },
  { role: 'driver', name: 'Peter Onyango', email: 'peter@example.co.ke', phone: '+254722000023', vehicle: 'motorbike', plate: 'KMEK 937T' },
  {
    role: 'shopper',
    name: 'Wanjiku Kamau',
    email: 'wanjiku@example.co.ke',
    phone: '+254733000031',
    address: {
      county: 'Nairobi',
      town: 'Kilimani',
      landmark: 'Blue gate opposite the Yaya bus stage, third floor, door 12',
      lat: -1.29282,
      lng: 36.78771,
    },
  },
  {
    role: 'shopper',
    name: 'Hamisi Mwinyi',
    email: 'hamisi@example.co.ke',
    phone: '+254733000032',
    address: {
      county: 'Mombasa',
      town: 'Nyali',
      landmark: 'Behind the petrol station at Links Road, white wall with bougainvillea',
      lat: -4.03494,
      lng: 39.71068,
    },
  },
  {
    role: 'shopper',
    name: 'Achieng Ouma',
    email: 'achieng@example.co.ke',
    phone: '+254733000033',
    address: {
      county: 'Kisumu',
      town: 'Milimani',
      landmark: 'Next to the mango tree at the roundabout, ask the guard for Ouma',
      lat: -0.10763,
      lng: 34.75512,
    },
  },
  {
    role: 'shopper',
    name: 'Joseph Lekuton',
    email: 'joseph@example.co.ke',
    phone: '+254110000034',
    address: {
      county: 'Nairobi',
      town: 'Buruburu',
      landmark: 'Phase 4, green kiosk at the corner, house with solar panels',
      lat: -1.28905,
      lng: 36.87812,
    },
  },
]
