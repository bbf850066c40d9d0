import { Elysia } from 'elysia'
import { requestScope } from './request-scope.ts'

/** Notes which route serves a request, for metrics and traces. In `transform`, so that a request refused by its schema counts too. */
export const routeLabel = () =>
  new Elysia({ name: 'route-label' }).onTransform({ as: 'global' }, ({ route }) => {
    const scope = requestScope()
    if (scope !== undefined) scope.route = route
  })
