using Winnow.Contracts.V1;
using Winnow.GpuWorker.Engine;
using Winnow.GpuWorker.Wire;
using Winnow.Inference.Drafting;

namespace Winnow.GpuWorker.Drafting;

/// <summary>Likely corrections for what is drafted ahead, from the target's early exit. They answer nothing and are answered by nothing.</summary>
internal sealed class DraftMirrorWork(DraftSession session, DraftRequest request) : DeviceWork
{
    /// <summary>Whether a request has nothing else.</summary>
    public static bool IsAll(DraftRequest request) => request.Mirrors.Count > 0 && request.Sequences.Count == 0 && request.Closes.Count == 0;

    /// <inheritdoc/>
    public override void Run()
    {
        if (session.Token.IsCancellationRequested)
        {
            return;
        }
        IDraftEngine engine = session.Host.EngineFor(session);
        foreach (Inference.Drafting.DraftMirror mirror in DraftCodec.DecodeMirrors(request))
        {
            engine.Mirror(mirror);
        }
        session.Ahead.Resume();
    }

    /// <inheritdoc/>
    public override void Abandon(Exception reason)
    {
        // Nobody waits for them.
    }
}
