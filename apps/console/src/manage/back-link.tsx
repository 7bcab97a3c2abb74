import { Link } from '@tanstack/react-router';
import { ArrowLeft } from 'lucide-react';
import { useWorkspaceId } from '../session/workspace.tsx';

type BackLinkProps = { to: '/w/$workspaceId/users' | '/w/$workspaceId/actions'; name: string };

/** Leads from a thing to the list that it belongs to. */
export function BackLink({ to, name }: BackLinkProps) {
  const workspaceId = useWorkspaceId();
  return (
    <Link to={to} params={{ workspaceId }} className="inline-flex items-center gap-1.5 self-start text-accent">
      <ArrowLeft size={14} aria-hidden="true" />
      {name}
    </Link>
  );
}
